import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import { invalidVolume } from './invalid-volume.ts';

const { reports } = compose();
const volumes = (list: string): string => `services: {a: {volumes: [${list}]}}\n`;

test('short forms', () => {
  reports(invalidVolume, volumes('«""»'), 'invalid empty volume spec');
  reports(invalidVolume, volumes('«":/a"»'), 'invalid spec: :/a: empty section between colons');
  reports(invalidVolume, volumes('"./a:«b»"'), "invalid mount path: 'b' mount path must be absolute");
  reports(invalidVolume, volumes('"./a:/b:«rx»"'), "invalid spec: ./a:/b:rx: unknown option 'rx'");
  reports(invalidVolume, volumes('«"a:/b:ro:z"»'), 'invalid spec: a:/b:ro:z: too many colons');
  reports(invalidVolume, volumes('/a, "a:/b:ro,z", "C:\\\\x:/y", "$A:/b", "~/x:/y"'));
});

test('long forms', () => {
  reports(invalidVolume, volumes('{type: «bind», target: /a}'), 'services.a.volumes: a bind mount needs a source');
  reports(invalidVolume, volumes('{type: tmpfs, target: /a}'));
});
