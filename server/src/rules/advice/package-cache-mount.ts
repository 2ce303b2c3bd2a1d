/** What package managers download is kept for the next build, in a cache mount. Proposed for hadolint as DL3068 to DL3077. */
import { calls, type Command, mountsLike } from '../../dockerfile/commands.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { spanOf } from '#model/text/span.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import { commandRule } from '../instruction-rule.ts';

interface Manager {
  /** hadolint's proposed number. */
  readonly alias: string;
  fetches(command: Command): boolean;
  /** A mount at one of these, or above or below it, will do; the first are those that are proposed. */
  readonly folders: readonly string[];
  /** Where else people keep it: parts of a path. */
  readonly elsewhere: readonly string[];
}

const gradle = (command: Command): boolean => /(?:^|\/)gradlew?$/.test(command.program.text);
const program =
  (name: string, ...words: readonly string[]) =>
  (command: Command): boolean =>
    calls(command, [name], words);

const MANAGERS: readonly Manager[] = [
  {
    alias: 'DL3068',
    fetches: program('npm', 'install', 'i', 'ci', 'install-ci-test', 'it'),
    folders: ['/root/.npm'],
    elsewhere: ['.npm', 'npm-cache'],
  },
  {
    alias: 'DL3069',
    fetches: program('cargo', 'build', 'install', 'fetch', 'test', 'check', 'clippy'),
    folders: ['/usr/local/cargo/registry'],
    elsewhere: ['cargo'],
  },
  {
    alias: 'DL3070',
    fetches: program('go', 'build', 'get', 'install', 'test', 'mod'),
    folders: ['/go/pkg/mod', '/root/.cache/go-build'],
    elsewhere: ['go/pkg/mod', 'go-build'],
  },
  {
    alias: 'DL3071',
    fetches: program('mvn', 'install', 'compile', 'package', 'test', 'verify', 'deploy', 'dependency:resolve'),
    folders: ['/root/.m2'],
    elsewhere: ['.m2'],
  },
  { alias: 'DL3072', fetches: gradle, folders: ['/root/.gradle'], elsewhere: ['gradle'] },
  {
    alias: 'DL3073',
    fetches: program('composer', 'install', 'update', 'require'),
    folders: ['/root/.composer/cache'],
    elsewhere: ['composer'],
  },
  {
    alias: 'DL3074',
    fetches: (command) =>
      calls(command, ['dotnet'], ['restore', 'build', 'publish', 'test']) || calls(command, ['nuget'], ['restore']),
    folders: ['/root/.nuget/packages'],
    elsewhere: ['nuget'],
  },
  {
    alias: 'DL3075',
    fetches: program('pnpm', 'install', 'i', 'add', 'fetch'),
    folders: ['/root/.local/share/pnpm/store'],
    elsewhere: ['pnpm'],
  },
  {
    alias: 'DL3076',
    fetches: program('mix', 'deps.get', 'deps.compile', 'compile'),
    folders: ['/root/.hex', '/root/.mix'],
    elsewhere: ['.hex', '.mix'],
  },
  {
    alias: 'DL3077',
    fetches: (command) => calls(command, ['gem'], ['install']) || calls(command, ['bundle'], ['install', 'update']),
    folders: ['/usr/local/bundle/cache'],
    elsewhere: ['.gem', 'bundle'],
  },
];

function mountFix(run: Instruction, folders: readonly string[]) {
  const at = run.nameSpan.end;
  const text = folders.map((folder) => ` --mount=type=cache,target=${folder}`).join('');
  return { title: 'Add a cache mount', edits: [{ span: spanOf(at, at), text }] };
}

export const packageCacheMount: DockerfileRule = commandRule({
  id: 'PackageCacheMount',
  severity: 'information',
  off: true,
  title: 'What package managers download is kept for the next build by a cache mount',
  aliases: MANAGERS.map(({ alias }) => alias),
  checkCommand(command, run) {
    const manager = MANAGERS.find(({ fetches }) => fetches(command));
    if (manager === undefined || mountsLike(run, manager.elsewhere)) return [];
    const { folders, alias } = manager;
    const message = `'${command.program.text}' downloads everything again in the next build: add a cache mount at ${folders.join(' and ')}`;
    return [{ span: command.program.span, message, aliases: [alias], fixes: [mountFix(run, folders)] }];
  },
});
