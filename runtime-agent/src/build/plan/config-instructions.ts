/** Instructions that change the image's configuration and no file. Each gives its history line, if it has one. */
import type { Command, CommandLine, HealthcheckCommand, Pair } from '#model/dockerfile/commands.ts';
import type { OciHealthcheck } from '#model/oci/image-config.ts';
import { signalNumber } from '../../host/signals.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { healthcheckLine, pairsLine, quotedList } from './created-by.ts';
import { exposedPorts } from './exposed-ports.ts';
import type { Dispatch } from './dispatch.ts';
import { type StageDraft, shellOf } from './stage-draft.ts';

export type ConfigCommand = Exclude<Command, { readonly kind: 'FROM' | 'RUN' | 'COPY' | 'ADD' | 'WORKDIR' }>;

export function applyConfigCommand(
  draft: StageDraft,
  command: ConfigCommand,
  { expand, words, args }: Dispatch,
): string {
  const { config } = draft;
  switch (command.kind) {
    case 'ENV': {
      const pairs = expandPairs(command.pairs, expand);
      for (const [name, value] of pairs) {
        draft.env.set(name, value);
        draft.variables.set(name, value);
      }
      return pairsLine('ENV', pairs);
    }
    case 'LABEL': {
      const pairs = expandPairs(command.pairs, expand);
      config.Labels = { ...config.Labels, ...Object.fromEntries(pairs) };
      return pairsLine('LABEL', pairs);
    }
    case 'ARG': {
      const shown = command.args.map(({ name, value }) => {
        const declared = args.declare(name, value === undefined ? undefined : () => expand(value));
        draft.args.set(name, declared);
        if (declared !== undefined) draft.variables.set(name, declared);
        return declared === undefined ? name : `${name}=${declared}`;
      });
      return `ARG ${shown.join(' ')}`;
    }
    case 'CMD':
      config.Cmd = argvOf(draft, command.command);
      config.ArgsEscaped = true; // without a meaning on Linux; BuildKit sets it
      draft.cmdIsOwn = true;
      return `CMD ${quotedList(config.Cmd)}`;
    case 'ENTRYPOINT':
      config.Entrypoint = argvOf(draft, command.command);
      if (!draft.cmdIsOwn) delete config.Cmd;
      return `ENTRYPOINT ${quotedList(config.Entrypoint)}`;
    case 'SHELL':
      config.Shell = [...command.argv];
      return `SHELL [${command.argv.join(' ')}]`;
    case 'EXPOSE': {
      // BuildKit sorts what is written, and says what comes of it.
      const ports = command.values.toSorted().flatMap(words).flatMap(exposedPorts);
      if (ports.length > 0)
        config.ExposedPorts = { ...config.ExposedPorts, ...Object.fromEntries(ports.map((port) => [port, {}])) };
      return `EXPOSE [${ports.join(' ')}]`;
    }
    case 'VOLUME': {
      const volumes = command.values.map((value) => expand(value));
      if (volumes.includes('')) throw new EngineError('invalid', 'VOLUME specified can not be an empty string');
      config.Volumes = { ...config.Volumes, ...Object.fromEntries(volumes.map((volume) => [volume, {}])) };
      return `VOLUME [${volumes.join(' ')}]`;
    }
    case 'USER':
      config.User = expand(command.value);
      return `USER ${config.User}`;
    case 'STOPSIGNAL': {
      const signal = expand(command.value);
      if (!isSignal(signal)) throw new EngineError('invalid', `invalid signal: ${signal}`);
      config.StopSignal = signal;
      return `STOPSIGNAL ${signal}`;
    }
    case 'MAINTAINER':
      draft.author = command.value;
      return `MAINTAINER ${command.value}`;
    case 'HEALTHCHECK':
      config.Healthcheck = healthcheckOf(command);
      return healthcheckLine(command, config.Healthcheck);
    case 'ONBUILD':
      config.OnBuild = [...(config.OnBuild ?? []), command.trigger];
      return '';
  }
}

function expandPairs(pairs: readonly Pair[], expand: (text: string) => string): [string, string][] {
  return pairs.map(({ name, value }) => [expand(name), expand(value)]);
}

function argvOf(draft: StageDraft, command: CommandLine): string[] {
  if (command.form === 'exec') return [...command.argv];
  return [...shellOf(draft), command.line];
}

function isSignal(name: string): boolean {
  try {
    signalNumber(name);
    return true;
  } catch {
    return false;
  }
}

function healthcheckOf(healthcheck: HealthcheckCommand): OciHealthcheck {
  const { command, interval, timeout, startPeriod, startInterval, retries } = healthcheck;
  if (command === undefined) return { Test: ['NONE'] };
  return {
    Test: command.form === 'exec' ? ['CMD', ...command.argv] : ['CMD-SHELL', command.line],
    ...(!interval ? {} : { Interval: interval }),
    ...(!timeout ? {} : { Timeout: timeout }),
    ...(!startPeriod ? {} : { StartPeriod: startPeriod }),
    ...(!startInterval ? {} : { StartInterval: startInterval }),
    ...(!retries ? {} : { Retries: retries }),
  };
}
