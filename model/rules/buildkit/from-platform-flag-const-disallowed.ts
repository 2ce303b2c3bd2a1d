import { expandText } from '#model/dockerfile/expand.ts';
import type { BuildCheck } from '../checked-dockerfile.ts';

/** A stage whose name says the platform means it. */
export const fromPlatformFlagConstDisallowed: BuildCheck = {
  id: 'FromPlatformFlagConstDisallowed',
  aliases: ['DL3029'],
  severity: 'warning',
  title: 'FROM --platform flag should not use a constant value',
  *check({ stages }) {
    for (const { platform, name } of stages) {
      if (platform?.value === undefined || platform.valueSpan === undefined || platform.value.includes('$')) continue;
      const value = expandText(platform.value, () => undefined).value;
      const stage = name?.text.toLowerCase() ?? '';
      if (value === '' || value.split('/').some((part) => part !== '' && stage.includes(part))) continue;
      yield {
        span: platform.valueSpan,
        message: `FROM --platform flag should not use constant value ${JSON.stringify(value)}`,
        fixes: [
          { title: 'Use $BUILDPLATFORM', edits: [{ span: platform.valueSpan, text: '$BUILDPLATFORM' }] },
          { title: 'Use $TARGETPLATFORM', edits: [{ span: platform.valueSpan, text: '$TARGETPLATFORM' }] },
        ],
      };
    }
  },
};
