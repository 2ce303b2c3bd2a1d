/** Remove and prune, and what else is asked of a container meanwhile. */
import { begin, create, del, end, ended, events, get, post, row, type Row, running, sleep, until } from '../step.ts';

const removal: readonly Row[] = [
  row('removing', [
    ...running('a', { Volumes: { '/v': {} } }),
    del('/containers/~a?force=1&v=1'),
    del('/containers/~a'),
    events({ container: ['{a}'] }),
  ]),
  row('removing an anonymous volume with its container, and leaving it', [
    create('a', { Volumes: { '/v': {} } }),
    get('/containers/~a/json', { show: 'shape' }),
    del('/containers/~a?v=1'),
  ]),
  row('pruning', [
    ...ended('a', { Labels: { of: '~' } }),
    create('b', { Labels: { of: '~', keep: 'yes' } }),
    ...running('c', { Labels: { of: '~' } }),
    post('/containers/prune?filters={"label":["of=~"],"until":["1h"]}'),
    post('/containers/prune?filters={"label":["of=~"],"label!":["keep"]}'),
    post('/containers/prune?filters={"label":["of=~"]}'),
    post('/containers/prune?filters={"label":["of=~"]}'),
    get('/containers/json?all=1&filters={"label":["of=~"]}', { show: 'shape' }),
  ]),
];

/** Its first process has no handler for SIGTERM, which therefore does not end it. */
const deaf = (host: object = {}) => running('a', { StopSignal: 'SIGTERM' }, host);
const races: readonly Row[] = [
  ...['restart?t=-1', 'restart?t=99999', 'stop?t=-1'].map((verb) =>
    row(`removing by force while ${verb} waits`, [
      deaf(),
      begin('wait', post('/containers/~a/wait?condition=removed')),
      begin('verb', post(`/containers/~a/${verb}`)),
      sleep(150),
      del('/containers/~a?force=1'),
      end('verb'),
      end('wait'),
      get('/containers/~a/json', { show: 'status' }),
    ]),
  ),
  row('removing by force, while it restarts, one that removes itself', [
    deaf({ AutoRemove: true }),
    begin('restart', post('/containers/~a/restart?t=-1')),
    sleep(150),
    del('/containers/~a?force=1'),
    end('restart'),
  ]),
  row('removing by force one that is always restarted', [
    ...running('a', { Cmd: ['true'] }, { RestartPolicy: { Name: 'always' } }),
    sleep(500),
    del('/containers/~a?force=1'),
    sleep(150),
    get('/containers/~a/json', { show: 'status' }),
  ]),
  row('a restart that is killed goes on', [
    deaf(),
    begin('restart', post('/containers/~a/restart?t=-1')),
    sleep(150),
    post('/containers/~a/kill'),
    end('restart'),
    until('/containers/~a/json', 'State.Status', 'running'),
  ]),
  row('a restart that cannot start', [
    create('a', { Cmd: ['nosuchprogram'] }),
    post('/containers/~a/restart'),
    create('b', {}, { NetworkMode: 'container:~nobody' }),
    post('/containers/~b/restart'),
    post('/containers/~b/start'),
  ]),
];

export const REMOVAL: readonly Row[] = [...removal, ...races];
