/** Names for containers that were given none: two words, as Docker's. */
import { randomInt } from 'node:crypto';
import { EngineError } from '#model/engine-api/errors.ts';

const FIRST = [
  'amber ample ardent bold brave breezy bright brisk calm candid cheerful clever cosmic crisp curious daring deft eager',
  'early easy fair fearless fluent fond frank free gentle glad golden grand happy hardy humble jolly keen kind lively',
  'lucid lucky mellow merry mighty mild nimble noble novel patient placid plucky polite proud quick quiet rapid ready',
  'robust rosy serene sharp silent silver smart smooth snug solid spry stable steady sturdy sunny swift tidy tranquil',
  'trusty upbeat valiant vivid warm watchful wise witty young zesty',
].flatMap((line) => line.split(' '));

/** Harbours, ships and sea people. */
const SECOND = [
  'anchor atoll barge bay beacon berth boatswain bollard bowsprit breaker brig buoy cabin canal captain cape capstan',
  'caravel cargo clipper coast compass coral cove crew current cutter deck delta dinghy dock dory dune ebb estuary ferry',
  'fjord fleet frigate galleon gangway gull gunwale halyard harbour haven helm hull inlet island jetty jib keel ketch',
  'lagoon lantern ledge lighthouse lock lookout lugger mainsail mariner mast mate mooring navigator oar pier pilot port',
  'prow quay raft reef rigging rudder sail sailor schooner sextant shoal shore skiff skipper sloop sound spar sternpost',
  'strait tide tiller trawler tug vessel voyager wave wharf whistle windlass yacht yawl',
].flatMap((line) => line.split(' '));

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** Throws EngineError('invalid') as Docker does. Gives the name without its leading slash. */
export function checkName(name: string): string {
  const bare = name.replace(/^\//, '');
  if (NAME.test(bare)) return bare;
  throw new EngineError('invalid', `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
}

export function randomName(taken: (name: string) => boolean): string {
  const pick = (words: readonly string[]): string => words[randomInt(words.length)] ?? '';
  for (let attempt = 0; ; attempt++) {
    const base = `${pick(FIRST)}_${pick(SECOND)}`;
    const name = attempt < 5 ? base : `${base}${randomInt(10 ** Math.min(9, attempt - 4))}`;
    if (!taken(name)) return name;
  }
}
