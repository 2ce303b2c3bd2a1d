/** Programs that Dockerfiles often run, for completion and hover: what each does, its commands, and flags worth knowing. */

export interface ProgramInfo {
  readonly summary: string;
  readonly commands?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, string>>;
}

const RPM: ProgramInfo = {
  summary: 'Packages of RPM distributions.',
  commands: {
    install: 'Install packages.',
    update: 'Update packages.',
    remove: 'Remove packages.',
    'clean all': 'Delete everything cached.',
    makecache: 'Fetch the lists of packages.',
  },
  flags: {
    '-y': 'Answer yes to all questions.',
    '--setopt=install_weak_deps=False': 'Install no weak dependencies.',
    '--nodocs': 'Leave out documentation.',
  },
};
const PIP: ProgramInfo = {
  summary: 'Packages of Python.',
  commands: {
    install: 'Install packages.',
    uninstall: 'Remove packages.',
    freeze: 'List installed packages.',
    wheel: 'Build wheels.',
  },
  flags: {
    '--no-cache-dir': 'Keep no downloads.',
    '-r': 'Take the packages from a requirements file.',
    '--upgrade': 'Update packages that are there.',
    '--require-hashes': 'Take only packages with a known digest.',
  },
};
const NODE_FLAGS = {
  '--omit=dev': 'Leave out packages for development.',
  '--ignore-scripts': 'Run no scripts of packages.',
};

export const PROGRAMS: Readonly<Record<string, ProgramInfo>> = {
  'apt-get': {
    summary: 'Packages of Debian and Ubuntu.',
    commands: {
      update: 'Fetch the lists of packages.',
      install: 'Install packages.',
      upgrade: 'Update all packages.',
      remove: 'Remove packages.',
      purge: 'Remove packages with their settings.',
      autoremove: 'Remove packages that nothing needs any more.',
      clean: 'Delete downloaded packages.',
    },
    flags: {
      '-y': 'Answer yes to all questions.',
      '--no-install-recommends': 'Install only what is needed, nothing recommended.',
      '-qq': 'Say nothing but errors.',
    },
  },
  apk: {
    summary: 'Packages of Alpine.',
    commands: {
      add: 'Install packages.',
      del: 'Remove packages.',
      update: 'Fetch the lists of packages.',
      upgrade: 'Update packages.',
    },
    flags: { '--no-cache': 'Keep no lists of packages.', '--virtual': 'Name the packages, to remove them together.' },
  },
  dnf: RPM,
  microdnf: RPM,
  yum: RPM,
  zypper: {
    summary: 'Packages of SUSE.',
    commands: {
      install: 'Install packages.',
      refresh: 'Fetch the lists of packages.',
      clean: 'Delete what is cached.',
    },
    flags: { '--non-interactive': 'Ask nothing.', '--no-recommends': 'Install only what is needed.' },
  },
  pip: PIP,
  pip3: PIP,
  uv: {
    summary: 'Packages and projects of Python, fast.',
    commands: {
      sync: 'Install what the project needs.',
      pip: 'The pip interface.',
      run: 'Run a command in the project.',
    },
    flags: { '--frozen': 'Take the lock file as it is.', '--no-dev': 'Leave out packages for development.' },
  },
  poetry: {
    summary: 'Projects of Python.',
    commands: { install: 'Install what the project needs.', build: 'Build the package.' },
    flags: { '--no-root': 'Without the project itself.', '--only main': 'Without packages for development.' },
  },
  npm: {
    summary: 'Packages of Node.js.',
    commands: {
      ci: 'Install exactly what the lock file says.',
      install: 'Install packages.',
      run: 'Run a script of the project.',
      prune: 'Remove packages that are not needed.',
      'cache clean --force': 'Delete what is cached.',
    },
    flags: NODE_FLAGS,
  },
  yarn: {
    summary: 'Packages of Node.js.',
    commands: {
      install: 'Install what the project needs.',
      build: 'Run the script “build”.',
      'cache clean': 'Delete what is cached.',
    },
    flags: {
      '--frozen-lockfile': 'Fail when the lock file is out of date.',
      '--immutable': 'Fail when the lock file would change.',
    },
  },
  pnpm: {
    summary: 'Packages of Node.js.',
    commands: {
      install: 'Install what the project needs.',
      run: 'Run a script of the project.',
      deploy: 'Copy a project with its packages.',
    },
    flags: {
      '--frozen-lockfile': 'Fail when the lock file is out of date.',
      '--prod': 'Leave out packages for development.',
    },
  },
  corepack: { summary: 'Package managers of Node.js.', commands: { enable: 'Make yarn and pnpm available.' } },
  go: {
    summary: 'Tool of the Go language.',
    commands: {
      build: 'Compile packages.',
      'mod download': 'Download modules.',
      install: 'Compile and install programs.',
      test: 'Run tests.',
      vet: 'Report likely mistakes.',
    },
    flags: {
      '-o': 'Where the result goes.',
      '-trimpath': 'Keep no paths of this machine.',
      '-ldflags': 'Flags of the linker.',
    },
  },
  cargo: {
    summary: 'Packages of Rust.',
    commands: {
      build: 'Compile the package.',
      install: 'Install a program.',
      fetch: 'Download dependencies.',
      test: 'Run tests.',
    },
    flags: { '--release': 'Optimise.', '--locked': 'Take the lock file as it is.' },
  },
  dotnet: {
    summary: 'Tool of .NET.',
    commands: {
      restore: 'Download dependencies.',
      build: 'Compile.',
      publish: 'Compile for deployment.',
      test: 'Run tests.',
    },
  },
  mvn: {
    summary: 'Maven: builds Java projects.',
    commands: {
      package: 'Build the package.',
      'dependency:go-offline': 'Download dependencies.',
      verify: 'Run all checks.',
    },
    flags: { '-B': 'Ask nothing.', '-DskipTests': 'Run no tests.' },
  },
  gradle: {
    summary: 'Builds Java projects.',
    commands: { build: 'Build and test.', assemble: 'Build only.' },
    flags: { '--no-daemon': 'Leave no process behind.' },
  },
  bundle: {
    summary: 'Packages of Ruby.',
    commands: { install: 'Install what the project needs.', exec: 'Run a command of the project.' },
  },
  gem: {
    summary: 'Packages of Ruby.',
    commands: { install: 'Install packages.' },
    flags: { '--no-document': 'Leave out documentation.' },
  },
  composer: {
    summary: 'Packages of PHP.',
    commands: { install: 'Install what the project needs.' },
    flags: { '--no-dev': 'Leave out packages for development.', '--no-interaction': 'Ask nothing.' },
  },
  git: {
    summary: 'Version control.',
    commands: { clone: 'Copy a repository.', checkout: 'Change to a branch or commit.' },
    flags: { '--depth=1': 'The newest commit only.' },
  },
  curl: {
    summary: 'Downloads from a URL.',
    flags: {
      '-fsSL': 'Fail on errors, say nothing else, follow redirections.',
      '-o': 'File to write.',
      '--retry': 'How often to try again.',
    },
  },
  wget: {
    summary: 'Downloads from a URL.',
    flags: { '-q': 'Say nothing.', '-O': 'File to write.', '--progress=dot:giga': 'Short progress.' },
  },
  tar: {
    summary: 'Packs and unpacks archives.',
    flags: {
      '-xzf': 'Unpack a .tar.gz.',
      '-C': 'Folder to work in.',
      '--strip-components=1': 'Without the first folder.',
    },
  },
  unzip: { summary: 'Unpacks .zip archives.', flags: { '-q': 'Say nothing.', '-d': 'Folder to unpack to.' } },
  useradd: {
    summary: 'Makes a user (Debian, RPM).',
    flags: {
      '--create-home': 'Make the home folder.',
      '--uid': 'User id.',
      '--gid': 'Group.',
      '--shell': 'Login shell.',
      '--no-log-init': 'No entry in the login databases: needed for high ids.',
    },
  },
  groupadd: {
    summary: 'Makes a group (Debian, RPM).',
    flags: { '--gid': 'Group id.', '--system': 'A group of the system.' },
  },
  adduser: {
    summary: 'Makes a user (Alpine, Debian).',
    flags: {
      '-D': 'Without a password (Alpine).',
      '-u': 'User id.',
      '--disabled-password': 'Without a password (Debian).',
    },
  },
  addgroup: {
    summary: 'Makes a group (Alpine, Debian).',
    flags: { '-g': 'Group id.', '-S': 'A group of the system.' },
  },
  mkdir: { summary: 'Makes folders.', flags: { '-p': 'With the folders above.' } },
  chmod: { summary: 'Changes permissions.', flags: { '-R': 'In all folders below.' } },
  chown: { summary: 'Changes the owner.', flags: { '-R': 'In all folders below.' } },
  rm: { summary: 'Deletes files.', flags: { '-rf': 'Folders too, and no questions.' } },
  cp: { summary: 'Copies files.', flags: { '-a': 'With everything that belongs to them.', '-r': 'Folders too.' } },
  mv: { summary: 'Moves files.' },
  ln: { summary: 'Makes links.', flags: { '-s': 'A symbolic link.' } },
  cat: { summary: 'Writes files out.' },
  cd: { summary: 'Changes the folder, for this RUN only.' },
  echo: { summary: 'Writes its arguments.' },
  printf: { summary: 'Writes its arguments in a format.' },
  sed: { summary: 'Edits text.', flags: { '-i': 'In the file itself.', '-e': 'A command.' } },
  grep: { summary: 'Finds lines.', flags: { '-q': 'Says it by the exit code only.' } },
  find: { summary: 'Finds files.' },
  xargs: { summary: 'Makes arguments of lines.' },
  test: { summary: 'Checks a condition.' },
  set: {
    summary: 'Options of the shell.',
    flags: {
      '-e': 'Stop at the first error.',
      '-u': 'Variables that are not set are errors.',
      '-x': 'Show every command.',
      '-eux': 'All three.',
    },
  },
  export: { summary: 'Sets variables for programs that follow.' },
  exit: { summary: 'Ends the script.' },
  true: { summary: 'Does nothing, successfully.' },
  make: { summary: 'Builds by a Makefile.', flags: { '-j': 'Several jobs at once.', '-C': 'Folder to work in.' } },
  cmake: {
    summary: 'Prepares and runs builds.',
    flags: { '-B': 'Folder of the build.', '-DCMAKE_BUILD_TYPE=Release': 'Optimise.', '--build': 'Run the build.' },
  },
  node: { summary: 'Runs JavaScript.' },
  python: { summary: 'Runs Python.', flags: { '-m': 'Run a module.', '-c': 'Run the text.' } },
  python3: { summary: 'Runs Python.', flags: { '-m': 'Run a module.', '-c': 'Run the text.' } },
  sh: { summary: 'The shell.', flags: { '-c': 'Run the text.' } },
  bash: {
    summary: 'The Bash shell.',
    flags: { '-c': 'Run the text.', '-o': 'Switch an option on, for example `pipefail`.' },
  },
  install: {
    summary: 'Copies files with owner and permissions.',
    flags: { '-d': 'Make folders.', '-m': 'Permissions.', '-o': 'Owner.' },
  },
  sha256sum: { summary: 'Makes and checks digests.', flags: { '-c': 'Check those of a list.' } },
  gpg: { summary: 'Signatures and keys.', flags: { '--dearmor': 'To the binary form.', '--batch': 'Ask nothing.' } },
  ldconfig: { summary: 'Makes libraries known.' },
  'update-ca-certificates': { summary: 'Takes certificates into the trusted ones.' },
};
