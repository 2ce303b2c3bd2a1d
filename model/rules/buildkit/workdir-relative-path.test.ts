import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { workdirRelativePath } from './workdir-relative-path.ts';

const { reports } = dockerfile();
const message = (path: string): string =>
  `Relative workdir "${path}" can have unexpected results if the base image changes`;

test('relative before the first absolute one', () => {
  reports(workdirRelativePath, 'FROM a\nWORKDIR «app»\nWORKDIR /a\nWORKDIR b', message('app'));
  reports(workdirRelativePath, 'FROM a\nWORKDIR "/a"');
  reports(workdirRelativePath, 'FROM a AS b\nWORKDIR «c»\nWORKDIR d\nFROM b\nWORKDIR e', message('c'));
});

test('stages inherit it', () => {
  reports(workdirRelativePath, 'FROM a AS b\nWORKDIR /x\nFROM b\nWORKDIR y\nFROM a\nWORKDIR «z»', message('z'));
});

test('variables are replaced where the file says their value', () => {
  reports(workdirRelativePath, 'FROM a\nENV D=/x\nWORKDIR $D/y');
  reports(workdirRelativePath, 'FROM a\nENV D=x\nWORKDIR «$D/y»', message('x/y'));
  reports(workdirRelativePath, 'FROM a\nWORKDIR $HOME/y\nWORKDIR z');
  // Nothing gives it a value: neither scratch nor a build argument.
  reports(workdirRelativePath, 'FROM scratch\nWORKDIR «${nosuch}y»', message('y'));
  reports(workdirRelativePath, 'FROM scratch\nARG where\nWORKDIR $where');
  reports(workdirRelativePath, 'FROM scratch\nARG where\nWORKDIR ${where:?}');
});

test('drive letters count in files for Windows', () => {
  reports(workdirRelativePath, '# escape=`\nFROM a\nWORKDIR c:\\x');
  reports(workdirRelativePath, 'FROM a\nWORKDIR «c:/x»', message('c:/x'));
});
