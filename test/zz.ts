import { startTestEngine } from './support/engine.ts';
import { contextFolder } from './support/build-context.ts';
import { execFileSync } from 'node:child_process';
import { request } from 'node:http';
const engine = await startTestEngine({ env: { NODE_OPTIONS: '--cpu-prof --cpu-prof-dir=/tmp/build-prof' } });
using c = contextFolder({
  Dockerfile: `FROM busybox
WORKDIR /app
ENV A=1 B=2
COPY a /app/a
RUN echo 1 >/r1
COPY d /app/d
RUN cat /app/d/x >/r2
LABEL l=1
RUN echo 3 >/r3
EXPOSE 80
USER 5
CMD ["sh"]
`,
  a: 'a',
  'd/x': 'x',
  'd/y': 'y',
});
const tar = execFileSync('tar', ['-C', c.path, '-c', '.']);
const post = () =>
  new Promise<string>((res, rej) => {
    const r = request(
      {
        socketPath: engine.socket,
        method: 'POST',
        path: '/build?t=twelve',
        headers: { 'content-type': 'application/x-tar' },
      },
      (a) => {
        let s = '';
        a.on('data', (b) => (s += b)).on('end', () => res(s));
      },
    );
    r.on('error', rej);
    r.end(tar);
  });
console.log((await post()).slice(-200));
for (let i = 0; i < 50; i++) await post();
const times: number[] = [];
for (let i = 0; i < 200; i++) {
  const t = performance.now();
  await post();
  times.push(performance.now() - t);
}
times.sort((a, b) => a - b);
console.log('median', times[100], 'min', times[0], 'p10', times[20]);
await engine[Symbol.asyncDispose]();
