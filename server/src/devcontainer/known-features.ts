/** The Features that the Dev Containers project itself keeps (github.com/devcontainers/features), with their major version. */
const FEATURES: readonly (readonly [name: string, major: number, what: string])[] = [
  ['anaconda', 1, 'The Anaconda distribution of Python.'],
  ['aws-cli', 1, 'The command line of AWS.'],
  ['azure-cli', 1, 'The command line of Azure.'],
  ['common-utils', 2, 'Common programs, a user that is not root, zsh.'],
  ['conda', 1, 'The package manager Conda.'],
  ['desktop-lite', 1, 'A small desktop, seen in the browser.'],
  ['docker-in-docker', 2, 'An engine of its own in the container.'],
  ['docker-outside-of-docker', 1, 'The docker command line, which speaks to the engine outside.'],
  ['dotnet', 2, 'The .NET SDK.'],
  ['git', 1, 'A newer Git than the distribution has.'],
  ['git-lfs', 1, 'Git Large File Storage.'],
  ['github-cli', 1, 'The command line of GitHub.'],
  ['go', 1, 'Go with its tools.'],
  ['hugo', 1, 'The site generator Hugo.'],
  ['java', 1, 'A JDK, on request with Maven or Gradle.'],
  ['kubectl-helm-minikube', 1, 'kubectl, Helm and minikube.'],
  ['nix', 1, 'The package manager Nix.'],
  ['node', 1, 'Node.js with nvm, npm, yarn and pnpm.'],
  ['nvidia-cuda', 1, 'Libraries of CUDA.'],
  ['oryx', 1, 'The build system Oryx.'],
  ['php', 1, 'PHP with Composer.'],
  ['powershell', 1, 'PowerShell.'],
  ['python', 1, 'Python with its tools.'],
  ['ruby', 1, 'Ruby with rbenv or rvm.'],
  ['rust', 1, 'Rust with rustup.'],
  ['sshd', 1, 'An SSH server in the container.'],
  ['terraform', 1, 'Terraform with its tools.'],
];

/** Reference without its version -> reference with it, and what is installed. */
export const KNOWN_FEATURES: ReadonlyMap<string, { readonly reference: string; readonly documentation: string }> =
  new Map(
    FEATURES.map(([name, major, what]) => {
      const id = `ghcr.io/devcontainers/features/${name}`;
      const page = `https://github.com/devcontainers/features/tree/main/src/${name}`;
      return [id, { reference: `${id}:${major}`, documentation: `${what}\n\n[Options](${page})` }];
    }),
  );
