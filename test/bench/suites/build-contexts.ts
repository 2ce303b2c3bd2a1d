/** The folders that `npm run bench -- build` builds, the same on every machine. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const BENCH_BASE = 'busybox:latest';

const TWELVE = [
  `FROM ${BENCH_BASE}`,
  'LABEL org.opencontainers.image.title="bench"',
  'ENV APP_HOME=/app MODE=production',
  'WORKDIR /app',
  'COPY package.json package-lock.json ./',
  'RUN mkdir node_modules && for i in 1 2 3 4 5; do echo module $i >node_modules/$i.js; done',
  'COPY src ./src',
  'RUN cat src/*.js >bundle.js',
  'RUN rm -rf src && chmod 755 bundle.js',
  'USER 1000:1000',
  'EXPOSE 3000',
  'CMD ["sh", "bundle.js"]',
];

const PARALLEL = [
  ...['a', 'b', 'c', 'd'].flatMap((name) => [`FROM ${BENCH_BASE} AS ${name}`, `RUN sleep 2 && echo ${name} >/${name}`]),
  `FROM ${BENCH_BASE}`,
  ...['a', 'b', 'c', 'd'].map((name) => `COPY --from=${name} /${name} /`),
];

const FILES = 20_000;
const FILE_SIZE = 10_000;

export interface BenchContexts {
  readonly twelve: string;
  readonly parallel: string;
  readonly large: string;
  /** Gives one of the many files another content. */
  change(): void;
}

export function writeBenchContexts(folder: string): BenchContexts {
  const write = (name: string, files: Readonly<Record<string, string>>): string => {
    for (const [file, content] of Object.entries(files)) {
      const target = path.join(folder, name, file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
    return path.join(folder, name);
  };
  const sources = Array.from({ length: 10 }, (_, i) => [`src/${i}.js`, `console.log(${i})\n`]);
  const twelve = write('twelve', {
    Dockerfile: TWELVE.join('\n'),
    'package.json': '{}\n',
    'package-lock.json': '{}\n',
    ...Object.fromEntries(sources),
  });
  const parallel = write('parallel', { Dockerfile: PARALLEL.join('\n') });
  const large = write('large', { Dockerfile: `FROM ${BENCH_BASE}\nCOPY . /files\nRUN ls /files | wc -l\n` });
  for (let i = 0; i < FILES; i++) {
    const target = path.join(large, `d${i % 200}`, `f${i}`);
    if (i < 200) mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, pseudoRandom(i));
  }
  let round = 0;
  const changed = path.join(large, 'd7', 'f7');
  return {
    twelve,
    parallel,
    large,
    change: () => writeFileSync(changed, `${pseudoRandom(7).toString('hex')}${round++}`),
  };
}

/** Bytes that do not compress, the same for the same seed. */
function pseudoRandom(seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(FILE_SIZE);
  let state = seed * 2_654_435_761 + 1;
  for (let i = 0; i < FILE_SIZE; i += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(state, i);
  }
  return bytes;
}
