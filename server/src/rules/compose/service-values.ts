/** Single values of services that Compose or the engine refuse. */
import { entriesOf, itemsOf, type ScalarNode, textAt, valueAt } from '#model/compose/tree.ts';
import { suggest } from '#model/text/suggest.ts';
import type { ComposeRule } from '../compose-rule.ts';

export const negativeCount: ComposeRule = {
  id: 'negative-count',
  severity: 'error',
  title: 'The number of containers is not negative',
  *check({ services }) {
    for (const { key, value } of services) {
      for (const path of [['scale'], ['deploy', 'replicas']]) {
        const node = valueAt(value, ...path);
        if (node === undefined || !(Number(textAt(node)) < 0)) continue;
        const message = `services.${key}.${path.join('.')}: must be greater than or equal to 0`;
        yield { span: node.span, message };
      }
    }
  },
};

export const invalidDevice: ComposeRule = {
  id: 'invalid-device',
  severity: 'error',
  title: 'A device is host[:container[:permissions]]',
  *check({ services }) {
    for (const { value, merged } of services) {
      for (const item of merged ? [] : itemsOf(valueAt(value, 'devices'))) {
        const text = textAt(item) ?? '';
        if (text.includes('$') || text.split(':').length <= 3) continue;
        yield { span: item.span, message: `confusing device mapping, please use long syntax: ${text}` };
      }
    }
  },
};

const RESTART = ['no', 'always', 'on-failure', 'unless-stopped'];

export const invalidRestart: ComposeRule = {
  id: 'invalid-restart',
  severity: 'error',
  title: 'A restart policy is no, always, on-failure[:n] or unless-stopped',
  *check({ services }) {
    for (const { key, value } of services) {
      const node = valueAt(value, 'restart');
      const text = textAt(node);
      if (node === undefined || text === undefined || text.includes('$')) continue;
      if (RESTART.includes(text) || /^on-failure:\d+$/.test(text)) continue;
      const near = suggest(text, RESTART);
      const fixes =
        near === undefined ? [] : [{ title: `Change to '${near}'`, edits: [{ span: node.span, text: near }] }];
      yield { span: node.span, message: `services.${key}.restart: invalid restart policy '${text}'`, fixes };
    }
  },
};

export const healthcheckTest: ComposeRule = {
  id: 'healthcheck-test',
  severity: 'error',
  title: 'A health check’s list starts with CMD, CMD-SHELL or NONE',
  *check({ services, text: file }) {
    for (const { value } of services) {
      const [first] = itemsOf(valueAt(value, 'healthcheck', 'test'));
      const text = textAt(first);
      if (
        first === undefined ||
        text === undefined ||
        ['CMD', 'CMD-SHELL', 'NONE'].includes(text) ||
        text.includes('$')
      )
        continue;
      const at = { start: first.span.start, end: first.span.start };
      yield {
        span: first.span,
        message: 'healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"',
        fixes: [{ title: 'Insert "CMD"', edits: [{ span: at, text: `"CMD"${betweenItems(file, first.span.start)}` }] }],
      };
    }
  },
};

/** What stands between the items of the list, before the one at the offset: a comma, or a new line with a dash. */
function betweenItems(text: string, offset: number): string {
  const [, dash] = /(\n[ \t]*-[ \t]+)$/.exec(text.slice(0, offset)) ?? [];
  return dash ?? ', ';
}

export const invalidExtraHost: ComposeRule = {
  id: 'invalid-extra-host',
  severity: 'error',
  title: 'An extra host has a name and an address',
  *check({ services }) {
    for (const { value } of services) {
      for (const hosts of [valueAt(value, 'extra_hosts'), valueAt(value, 'build', 'extra_hosts')]) {
        for (const item of itemsOf(hosts)) {
          const text = textAt(item);
          if (text === undefined || text.includes('$') || /^[^:=]+[:=].+/.test(text)) continue;
          yield { span: item.span, message: `invalid additional host, missing IP: ${text}` };
        }
      }
    }
  },
};

export const platformNotBuilt: ComposeRule = {
  id: 'platform-not-built',
  severity: 'error',
  title: 'The platform of a service is among those it is built for',
  *check({ services }) {
    for (const { value } of services) {
      const platform = valueAt(value, 'platform');
      const wanted = textAt(platform);
      const built = itemsOf(valueAt(value, 'build', 'platforms')).map(textAt);
      if (platform === undefined || wanted === undefined || built.length === 0 || built.includes(wanted)) continue;
      if ([wanted, ...built].some((text) => text?.includes('$') !== false)) continue;
      yield { span: platform.span, message: `build.platforms MUST include the service's platform "${wanted}"` };
    }
  },
};

export const profileDependency: ComposeRule = {
  id: 'profile-dependency',
  severity: 'warning',
  title: 'A service depends on services that start with it, not on those of another profile',
  *check({ services, references }) {
    const profiles = new Map(
      services.map(({ key, value }) => [
        key,
        itemsOf(valueAt(value, 'profiles')).flatMap((item) => textAt(item) ?? []),
      ]),
    );
    for (const { by, name, service, span, optional } of references) {
      if (by !== 'depends_on' || optional) continue;
      const needed = profiles.get(name) ?? [];
      const own = profiles.get(service) ?? [];
      const startsAlong = needed.length === 0 || (own.length > 0 && own.every((profile) => needed.includes(profile)));
      if (startsAlong) continue;
      const list = needed.map((profile) => `'${profile}'`).join(', ');
      yield { span, message: `service "${service}" depends on "${name}", which starts only with the profile ${list}` };
    }
  },
};

/** Values without meaning for YAML's readers: `yes` and `on` are text today, and were booleans before. */
function isOldBoolean({ value, style }: ScalarNode): boolean {
  return style === 'plain' && typeof value === 'string' && /^(?:yes|no|on|off|y|n)$/i.test(value);
}

export const oldBoolean: ComposeRule = {
  id: 'old-boolean',
  severity: 'warning',
  title: 'Booleans are written true and false',
  *check({ services }) {
    for (const { value, merged } of services) {
      for (const { key, value: node } of merged ? [] : entriesOf(value)) {
        if (!BOOLEANS.has(key) || node.kind !== 'scalar' || !isOldBoolean(node)) continue;
        const text = /^(?:yes|on|y)$/i.test(node.text) ? 'true' : 'false';
        yield {
          span: node.span,
          message: `"${node.text}" for a boolean is not supported by YAML 1.2, please use \`${text}\``,
          fixes: [{ title: `Change to ${text}`, edits: [{ span: node.span, text }], safe: true }],
        };
      }
    }
  },
};

const BOOLEANS: ReadonlySet<string> = new Set([
  'init',
  'privileged',
  'read_only',
  'stdin_open',
  'tty',
  'oom_kill_disable',
  'attach',
]);
