/** The Docker Engine API's types, generated from Docker's own description, by the field's names. */
import type { HostConfig as CurrentHostConfig } from '@docker/node-sdk';

export type {
  ContainerConfig,
  ContainerCreateRequest,
  ContainerInspectResponse,
  ContainerStatsResponse,
  ContainerSummary,
  EndpointSettings,
  EventMessage,
  ExecInspectResponse,
  FilesystemChange,
  HealthConfig,
  HistoryResponseItem,
  ImageInspect,
  ImageSummary,
  Mount,
  MountPoint,
  Network,
  NetworkCreateRequest,
  NetworkInspect,
  NetworkSettings,
  PortBinding,
  SystemInfo,
  SystemVersion,
  Volume,
  VolumeCreateOptions,
} from '@docker/node-sdk';

export interface HostConfig extends CurrentHostConfig {
  /** Until 1.41. */
  readonly KernelMemory?: number;
}
