/** What may be asked of a container in which state, and what Docker answers when it may not. */
import { EngineError, type EngineErrorCode } from '#model/engine-api/errors.ts';
import type { ContainerStatus } from './record.ts';

export type Verb =
  | 'start'
  | 'stop'
  | 'kill'
  | 'restart'
  | 'pause'
  | 'unpause'
  | 'exec'
  | 'attach'
  | 'resize'
  | 'top'
  | 'remove'
  | 'update'
  | 'rename';

/** 'nothing': it is so already, answered with 304. */
type Rule =
  | 'allow'
  | 'nothing'
  | { readonly code: EngineErrorCode; readonly text: (id: string, reference: string) => string };

const refuse = (code: EngineErrorCode, text: (id: string, reference: string) => string): Rule => ({ code, text });
const notRunning = refuse('conflict', (id) => `container ${id} is not running`);
const restarting = refuse('conflict', (id) => `Container ${id} is restarting, wait until the container is running`);
const removing = (verb: string): Rule =>
  refuse('conflict', () => `container is marked for removal and cannot be ${verb}`);
const mustStop = (state: string): Rule =>
  refuse('conflict', () => `container is ${state}: stop the container before removing or force remove`);

const TABLE: Readonly<Record<Verb, Readonly<Record<ContainerStatus, Rule>>>> = {
  start: {
    created: 'allow',
    running: 'nothing',
    paused: refuse('conflict', () => 'cannot start a paused container, try unpause instead'),
    restarting: 'nothing',
    removing: removing('started'),
    exited: 'allow',
    dead: removing('started'),
  },
  stop: {
    created: 'nothing',
    running: 'allow',
    paused: 'allow',
    restarting: 'allow',
    removing: 'nothing',
    exited: 'nothing',
    dead: 'nothing',
  },
  kill: {
    created: notRunning,
    running: 'allow',
    paused: 'allow',
    restarting: 'allow',
    removing: notRunning,
    exited: notRunning,
    dead: notRunning,
  },
  restart: {
    created: 'allow',
    running: 'allow',
    paused: 'allow',
    restarting: 'allow',
    removing: removing('started'),
    exited: 'allow',
    dead: removing('started'),
  },
  pause: {
    created: notRunning,
    running: 'allow',
    paused: refuse('conflict', (id) => `Container ${id} is already paused`),
    restarting,
    removing: notRunning,
    exited: notRunning,
    dead: notRunning,
  },
  unpause: {
    created: refuse('internal', (id) => `Container ${id} is not paused`),
    running: refuse('internal', (id) => `Container ${id} is not paused`),
    paused: 'allow',
    restarting: refuse('internal', (id) => `Container ${id} is not paused`),
    removing: refuse('internal', (id) => `Container ${id} is not paused`),
    exited: refuse('internal', (id) => `Container ${id} is not paused`),
    dead: refuse('internal', (id) => `Container ${id} is not paused`),
  },
  exec: {
    created: notRunning,
    running: 'allow',
    paused: refuse(
      'conflict',
      (_id, reference) => `Container ${reference} is paused, unpause the container before exec`,
    ),
    restarting,
    removing: notRunning,
    exited: notRunning,
    dead: notRunning,
  },
  attach: {
    created: 'allow',
    running: 'allow',
    paused: refuse(
      'conflict',
      (_id, reference) => `container ${reference} is paused, unpause the container before attach`,
    ),
    restarting: refuse(
      'conflict',
      (_id, reference) => `container ${reference} is restarting, wait until the container is running`,
    ),
    removing: 'allow',
    exited: 'allow',
    dead: 'allow',
  },
  resize: {
    created: notRunning,
    running: 'allow',
    paused: 'allow',
    restarting: notRunning,
    removing: notRunning,
    exited: notRunning,
    dead: notRunning,
  },
  top: {
    created: notRunning,
    running: 'allow',
    paused: 'allow',
    restarting: refuse('conflict', (id) => `container ${id} is restarting`),
    removing: notRunning,
    exited: notRunning,
    dead: notRunning,
  },
  remove: {
    created: 'allow',
    running: mustStop('running'),
    paused: refuse('conflict', () => 'container is paused and must be unpaused first'),
    restarting: mustStop('restarting'),
    removing: 'allow',
    exited: 'allow',
    dead: 'allow',
  },
  update: {
    created: 'allow',
    running: 'allow',
    paused: 'allow',
    restarting: 'allow',
    removing: refuse('conflict', () => 'Container is marked for removal and cannot be "update".'),
    exited: 'allow',
    dead: refuse('conflict', () => 'Container is marked for removal and cannot be "update".'),
  },
  rename: {
    created: 'allow',
    running: 'allow',
    paused: 'allow',
    restarting: 'allow',
    removing: refuse('conflict', () => 'Container is marked for removal and cannot be renamed'),
    exited: 'allow',
    dead: refuse('conflict', () => 'Container is marked for removal and cannot be renamed'),
  },
};

/**
 * Throws EngineError with Docker's words when the verb is not allowed now; 'not-modified' when it would do nothing.
 * @param reference how the client named the container
 */
export function checkVerb(verb: Verb, status: ContainerStatus, id: string, reference: string = id): void {
  const rule = TABLE[verb][status];
  if (rule === 'allow') return;
  if (rule === 'nothing') throw new EngineError('not-modified', `container ${id}: nothing to ${verb}`);
  throw new EngineError(rule.code, rule.text(id, reference));
}
