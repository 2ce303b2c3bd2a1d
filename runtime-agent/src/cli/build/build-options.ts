/** The command line of `slipway build`: the flags of `docker buildx build`. */
import { parseArgs } from 'node:util';
import { splitCsv } from '#model/dockerfile/csv-line.ts';
import { EngineError } from '#model/engine-api/errors.ts';

export const BUILD_USAGE = `Usage: slipway build [OPTIONS] PATH|URL|-

Builds an image from a Dockerfile and a context: a folder, the address of a Git repository, Dockerfile or tar archive, or
standard input with a tar archive or a Dockerfile.

  -f, --file FILE              Dockerfile; - reads it from standard input (default: PATH/Dockerfile)
  -t, --tag NAME               name of the image; may be repeated
      --target STAGE           stage to build
      --build-arg NAME[=VALUE] build argument; without =VALUE it is taken from the environment
      --build-context NAME=X   folder, docker-image://REFERENCE, oci-layout://FOLDER or address that FROM and --from know as NAME
      --secret id=ID[,src=FILE|,env=NAME]
                               secret for RUN --mount=type=secret
      --ssh default|ID[=SOCKET]
                               SSH agent for RUN --mount=type=ssh
  -o, --output SPEC            type=local|tar|oci|docker|image,dest=…; a path alone is type=local, - is type=tar
      --push, --load           push the image; keep it in the engine (the default without --output)
      --no-cache               build everything anew
      --no-cache-filter STAGE  build this stage anew
      --pull                   ask the registries for newer base images
      --squash                 make the layers of the last stage one
      --cache-from SPEC        type=registry,ref=…|local,src=…; a name alone is type=registry
      --cache-to SPEC          type=registry,ref=…|local,dest=…|inline, with mode=min|max
      --platform OS/ARCH       of the image
      --label NAME=VALUE, --network MODE, --add-host NAME:IP, --ulimit SPEC, --shm-size BYTES, --memory BYTES
      --allow NAME             network.host and security.insecure are known
      --iidfile FILE           write the image's id there
      --metadata-file FILE     write what came of the build there, as JSON
      --check                  check the Dockerfile and build nothing
      --progress plain|rawjson|quiet|auto
  -q, --quiet                  print the image's id only
  -H, --host ADDRESS           engine: unix://… or tcp://… (default: DOCKER_HOST, or the local engine)
`;

const STRING = { type: 'string' } as const;
const MANY = { type: 'string', multiple: true, default: [] as string[] } as const;
const SWITCH = { type: 'boolean', default: false } as const;

export function readBuildOptions(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        file: { ...STRING, short: 'f' },
        tag: { ...MANY, short: 't' },
        target: STRING,
        'build-arg': MANY,
        'build-context': MANY,
        secret: MANY,
        ssh: MANY,
        output: { ...MANY, short: 'o' },
        push: SWITCH,
        load: SWITCH,
        'no-cache': SWITCH,
        'no-cache-filter': MANY,
        pull: SWITCH,
        squash: SWITCH,
        'cache-from': MANY,
        'cache-to': MANY,
        platform: STRING,
        label: MANY,
        network: STRING,
        'add-host': MANY,
        ulimit: MANY,
        'shm-size': STRING,
        memory: { ...STRING, short: 'm' },
        allow: MANY,
        iidfile: STRING,
        'metadata-file': STRING,
        progress: STRING,
        check: SWITCH,
        quiet: { ...SWITCH, short: 'q' },
        host: { ...STRING, short: 'H' },
        help: SWITCH,
      },
    });
    return { ...values, context: positionals };
  } catch (error) {
    throw new EngineError('invalid', `${(error as Error).message}\nSee 'slipway build --help'.`, { cause: error });
  }
}

export type BuildOptions = ReturnType<typeof readBuildOptions>;

/** `a=b,c=d` as a record. Throws EngineError('invalid'), naming the option. */
export function readFields(option: string, text: string): Record<string, string> {
  return Object.fromEntries(
    splitCsv(text).map((field) => {
      const equals = field.indexOf('=');
      if (equals < 1) throw new EngineError('invalid', `${option} ${text}: "${field}" must be name=value`);
      return [field.slice(0, equals).toLowerCase(), field.slice(equals + 1)];
    }),
  );
}

/** `NAME=VALUE` pairs; a name alone takes its value from the environment, or is left out when it has none there. */
export function readPairs(pairs: readonly string[], environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    pairs.flatMap((pair): [string, string][] => {
      const equals = pair.indexOf('=');
      if (equals !== -1) return [[pair.slice(0, equals), pair.slice(equals + 1)]];
      const value = environment[pair];
      return value === undefined ? [] : [[pair, value]];
    }),
  );
}
