/** Where the engine answers otherwise than Docker on purpose, in every row: a part of an answer's path, and why. */
export const DEVIATIONS: Readonly<Record<string, string>> = {
  'HostConfig.CgroupnsMode': 'of the cgroups of the machine',
  'HostConfig.OomKillDisable': 'of the cgroups of the machine',
  'HostConfig.MemorySwappiness': 'of the cgroups of the machine',
  'Images.0.RepoDigests': 'a list of nothing',
  'Images.0.VirtualSize': 'since 1.44 no client reads it',
  'body.Containerd:': 'there is no containerd',
  'body.Runtimes.': 'one runtime, without the features that only containerd asks it for',
  'body.CDISpecDirs.0': 'the engine knows no CDI devices',
  'body.FirewallBackend': 'Docker was asked without a firewall',
  'body.Warnings': 'of the kernel of the machine where Docker was asked',
  'IndexConfigs.docker.io.Mirrors': 'the engine under test has a mirror',
  'RegistryConfig.Mirrors': 'the engine under test has a mirror',
};
