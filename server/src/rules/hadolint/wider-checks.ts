/** Where hadolint asks for more than the check of BuildKit by the same name: what only hadolint reports. */
import { bodySpan } from '#model/dockerfile/syntax/joined-text.ts';
import type { Span } from '#model/text/span.ts';
import { fromPlatformFlagConstDisallowed } from '#model/rules/buildkit/from-platform-flag-const-disallowed.ts';
import { jsonArgsRecommended } from '#model/rules/buildkit/json-args-recommended.ts';
import { isSecretName, secretsUsedInArgOrEnv } from '#model/rules/buildkit/secrets-used-in-arg-or-env.ts';
import { workdirRelativePath } from '#model/rules/buildkit/workdir-relative-path.ts';
import type { DockerfileDocument } from '../../dockerfile/document.ts';
import { isRelativeWorkdir } from '#model/dockerfile/relative-workdir.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

/** Does the check report something there already? */
function reportsAt(rule: DockerfileRule, document: DockerfileDocument): (span: Span) => boolean {
  let starts: ReadonlySet<number> | undefined;
  return ({ start }) => {
    starts ??= new Set([...rule.check(document)].map(({ span }) => span.start));
    return starts.has(start);
  };
}

const absoluteWorkdir: DockerfileRule = {
  id: 'DL3000',
  severity: 'error',
  title: 'WORKDIR is absolute, also behind another one',
  *check(document) {
    const isReported = reportsAt(workdirRelativePath, document);
    for (const instruction of document.inPartsWith('WORKDIR')) {
      if (!isRelativeWorkdir(instruction)) continue;
      const span = bodySpan(instruction);
      if (isReported(span)) continue;
      yield { span, message: 'this WORKDIR depends on the one before it: write the whole path' };
    }
  },
};

const jsonArguments: DockerfileRule = {
  id: 'DL3025',
  severity: 'warning',
  title: 'CMD and ENTRYPOINT have the JSON form, also behind a SHELL',
  *check(document) {
    const isReported = reportsAt(jsonArgsRecommended, document);
    for (const instruction of document.inPartsWith('CMD', 'ENTRYPOINT')) {
      const { keyword, words, json, jsonHasOtherThanStrings } = instruction;
      if (json !== undefined || jsonHasOtherThanStrings) continue;
      const span = bodySpan(instruction);
      if (words.length === 0 || isReported(span)) continue;
      yield { span, message: `${keyword} runs in a shell, which takes the signals: use the JSON form` };
    }
  },
};

const noPlatform: DockerfileRule = {
  id: 'DL3029',
  severity: 'warning',
  title: 'FROM has no --platform but that of the build or the target',
  *check(document) {
    const isReported = reportsAt(fromPlatformFlagConstDisallowed, document);
    for (const { platform } of document.stages) {
      if (platform?.value === undefined || platform.value === '' || platform.valueSpan === undefined) continue;
      if (/\$\{?(?:BUILD|TARGET)PLATFORM\b/.test(platform.value) || isReported(platform.valueSpan)) continue;
      yield {
        span: platform.valueSpan,
        message: 'the image is built for one platform only: leave --platform to the build',
      };
    }
  },
};

/** Anywhere in a name, in either case. */
const SENSITIVE = /api_key|client_key|password|private|secret|token|username/i;
/** Names of well-known tools that say nothing of the kind. */
const SENSITIVE_NAMES: ReadonlySet<string> = new Set(
  `AWS_ACCESS_KEY_ID CI_DEPLOY_USER DOCKER_EMAIL FACEBOOK_APP_ID HEROKU_API_USER OKTA_AUTHN_GROUPID OKTA_CLIENT_ORGURL
   OKTA_OAUTH2_CLIENTID STRIPE_DEVICE_NAME TRAVIS_OS_NAME TRAVIS_SECURE_ENV_VARS TRAVIS_SUDO`.split(/\s+/),
);

const secrets: DockerfileRule = {
  id: 'DL3064',
  severity: 'warning',
  title: 'ARG and ENV hold no secrets, before FROM, behind ONBUILD and by other names either',
  *check(document) {
    const isReported = reportsAt(secretsUsedInArgOrEnv, document);
    for (const instruction of document.inPartsWith('ARG', 'ENV')) {
      for (const { name, nameSpan } of document.properties(instruction)) {
        if (!isSensitive(name) || isReported(nameSpan)) continue;
        yield { span: nameSpan, message: `'${name}' looks like a secret: whoever can pull the image can read it` };
      }
    }
  },
};

function isSensitive(name: string): boolean {
  return SENSITIVE.test(name) || SENSITIVE_NAMES.has(name.toUpperCase()) || isSecretName(name);
}

export const WIDER_CHECKS: readonly DockerfileRule[] = [absoluteWorkdir, jsonArguments, noPlatform, secrets];
