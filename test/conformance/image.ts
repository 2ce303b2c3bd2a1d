/** One image under one name on both engines, so that their answers speak of the same. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { type Api, ask, IMAGE } from '../support/containers.ts';

/** Gives our test image a name that nobody else uses, and takes its own away. */
export async function takeImage(engine: Api, name: string): Promise<void> {
  await ask(engine, 'POST', `/images/${IMAGE}/tag?repo=${name}&tag=latest`);
  await ask(engine, 'DELETE', `/images/${IMAGE}?noprune=1`);
}

export async function copyImage(from: Api, to: Api, name: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const save = request({ socketPath: from.socket, path: `/images/${name}/get` }, (saved) => {
      const headers = { 'content-type': 'application/x-tar' };
      const load = request(
        { socketPath: to.socket, method: 'POST', path: '/images/load?quiet=1', headers },
        (answer) => {
          answer.resume().on('end', () => {
            assert.equal(answer.statusCode, 200);
            resolve();
          });
        },
      );
      load.on('error', reject);
      saved.pipe(load);
    });
    save.on('error', reject).end();
  });
}
