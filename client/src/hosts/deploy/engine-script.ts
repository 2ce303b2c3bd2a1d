/** The script that starts an engine on a host, detached and only once, and replaces one of another build. */
import { quote } from '../shell-quote.ts';
import { PATH_LINE } from './probe.ts';

export interface EngineStart {
  /** Slipway's folder on the host; absolute. */
  readonly home: string;
  /** The folder of agent.mjs. */
  readonly agentFolder: string;
  readonly node: string;
  /** Names program and arguments: an engine started with another one is replaced. */
  readonly build: string;
  readonly socket: string;
  /** After `serve`. */
  readonly args: readonly string[];
  /** The engine is to be started as root by sudo, and its socket given to us. */
  readonly sudo: boolean;
}

/** Answers `state` (`running`, `started`, `failed` or `busy`), `pid`, and `log` lines when it failed. */
export function engineScript(start: EngineStart): string {
  const sudo = start.sudo ? 'sudo -n' : '';
  const serve = [start.node, `${start.agentFolder}/agent.mjs`, 'serve', ...start.args].map(quote).join(' ');
  return `${PATH_LINE}
E=${quote(`${start.home}/engine`)}
S=${quote(start.socket)}
BUILD=${quote(start.build)}
mkdir -p "$E" || exit 0
${LOCK}
alive() { [ -n "$1" ] && tr '\\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -q 'agent\\.mjs'; }
nap() { sleep 0.1 2>/dev/null || sleep 1; }
# A root engine's socket is opened to the user who may become root anyway.
share() { ${start.sudo ? `${sudo} chmod a+x "$(dirname "$S")"; ${sudo} chown "$(id -u)" "$S"` : 'true'}; }
pid=; build=
if [ -r "$E/record" ]; then { read -r pid; read -r build; } <"$E/record"; fi
if alive "$pid"; then
  if [ "$build" = "$BUILD" ]; then share; say state running; say pid "$pid"; exit 0; fi
  say replaced "$build"
  ${sudo} kill -TERM "$pid"
  n=0; while alive "$pid" && [ $n -lt 150 ]; do nap; n=$((n+1)); done
  alive "$pid" && ${sudo} kill -KILL "$pid"
fi
[ -f "$E/log" ] && mv -f "$E/log" "$E/log.1"
: >"$E/log"
rm -f "$E/pid"
SETSID=$(command -v setsid || command -v nohup)
$SETSID ${sudo} /bin/sh -c 'echo $$ >"$0/pid"; exec '${quote(serve)} "$E" >>"$E/log" 2>&1 </dev/null &
starter=$!
listens=
n=0
while [ $n -lt 300 ]; do
  # Who listens has written its number before; asked the other way round, it could be missed.
  grep -q '^listening on ' "$E/log" && listens=yes
  pid=$(cat "$E/pid" 2>/dev/null)
  if [ -n "$listens" ]; then
    printf '%s\\n%s\\n' "$pid" "$BUILD" >"$E/record"
    share
    say state started; say pid "$pid"
    exit 0
  fi
  [ -d "/proc/\${pid:-$starter}" ] || break
  nap; n=$((n+1))
done
alive "$pid" && ${sudo} kill -KILL "$pid"
say state failed
tail -n 20 "$E/log" | while IFS= read -r line; do say log "$line"; done`;
}

/** One at a time: a folder is made atomically. The lock of a script that died is taken over. */
const LOCK = `n=0
until mkdir "$E/lock" 2>/dev/null; do
  owner=$(cat "$E/lock/pid" 2>/dev/null)
  if [ -n "$owner" ] && [ ! -d "/proc/$owner" ]; then rm -rf "$E/lock"; continue; fi
  n=$((n+1))
  if [ -z "$owner" ] && [ $n -gt 50 ]; then rm -rf "$E/lock"; continue; fi
  if [ $n -gt 600 ]; then say state busy; exit 0; fi
  sleep 0.1 2>/dev/null || sleep 1
done
sh -c 'echo $PPID' >"$E/lock/pid"
trap 'rm -rf "$E/lock"' EXIT
trap 'exit 1' HUP INT TERM`;

/** Unpacks an agent in one step, and deletes those of versions before the last few. */
export function unpackScript(home: string, version: string, archive: string): string {
  return `cd ${quote(`${home}/agent`)} || exit 1
done_by_another() { rm -rf new.$$; [ -r ${version}/agent.mjs ] || exit 1; exit 0; }
rm -rf new.$$ && mkdir new.$$ && tar -xzf ${quote(archive)} -C new.$$ || done_by_another
[ -d ${version} ] && done_by_another
mv new.$$ ${version} || done_by_another
touch ${version}
rm -f ${quote(archive)}
find . -maxdepth 1 -name 'new.*' -mmin +60 -exec rm -rf {} + 2>/dev/null
ls -1td -- */ | grep -v -x -e '${version}/' -e 'new[.].*' | tail -n +3 | while IFS= read -r old; do rm -rf -- "$old"; done
exit 0`;
}
