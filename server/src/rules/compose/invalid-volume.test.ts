import { test } from 'node:test';
import { compose } from '../rule-check.ts';
import { driveLetter, invalidVolume, unknownVolumeOption } from './invalid-volume.ts';

const { reports, fixes } = compose();
const volumes = (list: string): string => `services: {a: {volumes: [${list}]}}\n`;

test('short forms', () => {
  reports(invalidVolume, volumes('«""»'), 'invalid empty volume spec');
  reports(invalidVolume, volumes('«":/a"»'), 'invalid spec: :/a: empty section between colons');
  reports(invalidVolume, volumes('"./a:«b»"'), "invalid mount path: 'b' mount path must be absolute");
  reports(invalidVolume, volumes('«"vol:/b:ro:z"»'), 'invalid spec: vol:/b:ro:z: too many colons');
  reports(invalidVolume, volumes('/a, "vol:/b:ro,z", "C:\\\\x:/y", "$A:/b", "~/x:/y"'));
  reports(invalidVolume, volumes('"c:/d:/e", "c:/d:c:/e:ro", "c:/d"'));
});

test('options that Compose leaves out', () => {
  const message = "Compose does not know the option 'roo' (did you mean 'ro'?)";
  reports(unknownVolumeOption, volumes('"./a:/b:«z,roo»", "./a:/c:ro,z", "./a:/d", "$A:/e:x"'), message);
  fixes(unknownVolumeOption, volumes('"./a:/b:z,roo"'), volumes('"./a:/b:z,ro"'));
});

test('one letter is a drive', () => {
  const short = (list: string): string => `${volumes(list)}volumes: {v: {}, vol: {}}\n`;
  const message = "'v:/x' is a path on the drive 'v' to Compose, not the volume 'v' at '/x'";
  reports(
    driveLetter,
    short('"«v:/x»", "«v:/x»:/y", "c:/x", "vol:/x", "{type: volume, source: v, target: /z}"'),
    message,
    message,
  );
});

test('long forms', () => {
  reports(invalidVolume, volumes('{type: «bind», target: /a}'), 'services.a.volumes: a bind mount needs a source');
  reports(invalidVolume, volumes('{type: tmpfs, target: /a}'));
});
