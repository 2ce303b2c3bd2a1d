/** The engine's events, as `GET /events` shows them. Kept in memory: the last EVENT_LIMIT, as Docker keeps 256. */
import type { EventMessage } from '#model/engine-api/types.ts';

export type EventType = 'container' | 'image' | 'network' | 'volume' | 'builder' | 'daemon';
export type EngineEvent = EventMessage & {
  /** The older names of Action, Actor.ID and the image, which clients of containers and images still read. */
  readonly status?: string;
  readonly id?: string;
  readonly from?: string;
  readonly Type: EventType;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly time: number;
  readonly timeNano: number;
};
export type EventListener = (event: EngineEvent) => void;

export interface EventLog {
  publish(type: EventType, action: string, id: string, attributes?: Readonly<Record<string, string>>): void;
  /** Events still remembered, oldest first. */
  remembered(): readonly EngineEvent[];
  /** Returns the function that ends the subscription. */
  subscribe(listener: EventListener): () => void;
  /** How many subscriptions there are. */
  listeners(): number;
}

const EVENT_LIMIT = 1024;

function olderNames(type: EventType, action: string, id: string, image: string | undefined): Partial<EngineEvent> {
  if (type === 'container') return { status: action, id, from: image ?? '' };
  return type === 'image' ? { status: action, ...(id !== '' && { id }) } : {};
}

export function createEventLog(now: () => number = Date.now): EventLog {
  const past: EngineEvent[] = [];
  const listeners = new Set<EventListener>();
  return {
    publish(type, action, id, attributes = {}) {
      const ms = now();
      const event: EngineEvent = {
        ...olderNames(type, action, id, attributes['image']),
        Type: type,
        Action: action,
        Actor: { ID: id, Attributes: attributes },
        scope: 'local',
        time: Math.floor(ms / 1000),
        timeNano: ms * 1_000_000,
      };
      past.push(event);
      if (past.length > EVENT_LIMIT) past.shift();
      for (const listener of listeners) listener(event);
    },
    remembered: () => past,
    listeners: () => listeners.size,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
