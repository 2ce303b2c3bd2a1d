import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { undefinedVar } from './undefined-var.ts';

const { reports, fixes } = dockerfile();
const message = (name: string, near?: string): string =>
  `Usage of undefined variable '$${name}'${near === undefined ? '' : ` (did you mean $${near}?)`}`;

test('used without a definition', () => {
  reports(undefinedVar, 'FROM scratch\nCOPY «$foo» .', message('foo'));
  reports(undefinedVar, 'FROM scratch\nARG foo\nENV bar=1\nCOPY $foo ${bar} .');
  reports(undefinedVar, 'FROM scratch\nCOPY «${fo:-x}» .', message('fo'));
  reports(undefinedVar, 'FROM alpine\nCOPY <<EOF /x\n«$bar»\nEOF', message('bar'));
});

test('used before the definition, or in the same ENV', () => {
  reports(undefinedVar, 'FROM scratch\nLABEL a=«$b»\nENV b=1 c=«$b»', message('b'), message('b'));
});

test('did you mean', () => {
  reports(undefinedVar, 'FROM scratch\nARG VERSION=1\nUSER «$VERSIO»', message('VERSIO', 'VERSION'));
  fixes(undefinedVar, 'FROM scratch\nARG VERSION=1\nUSER ${VERSIO}', 'FROM scratch\nARG VERSION=1\nUSER ${VERSION}');
});

test('every image has a PATH', () => {
  reports(undefinedVar, 'FROM alpine\nENV A=«$PAHT»:/b', message('PAHT', 'PATH'));
});

test('derived stages inherit ARG and ENV', () => {
  reports(undefinedVar, 'FROM scratch AS a\nARG x=1\nENV y=1\nFROM a\nCOPY $x $y');
  reports(undefinedVar, 'FROM scratch AS a\nARG x=1\nFROM scratch\nCOPY «$x» y', message('x'));
});

test('global and platform arguments need a declaration in the stage', () => {
  reports(undefinedVar, 'ARG V=1\nFROM scratch\nCOPY «$V» «$TARGETARCH» /', message('V'), message('TARGETARCH'));
  fixes(undefinedVar, 'ARG V=1\nFROM scratch AS b\nCOPY $V /', 'ARG V=1\nFROM scratch AS b\nARG V\nCOPY $V /');
});

test('what shells and images define is not known here', () => {
  reports(undefinedVar, 'FROM scratch\nRUN echo $x\nCMD echo $y\nENV PATH=/a:$PATH');
  reports(undefinedVar, 'FROM node:22\nWORKDIR $HOME\nLABEL v=$NODE_VERSION');
  reports(undefinedVar, 'FROM debian:12\nLABEL v=«$NODE_VERSION»', message('NODE_VERSION'));
});

test('quotes and escapes', () => {
  reports(undefinedVar, `FROM scratch\nENV a='$b' c=\\$d e="«$f»"`, message('f'));
});
