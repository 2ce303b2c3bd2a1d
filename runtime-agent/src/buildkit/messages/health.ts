/** grpc.health.v1.Health */
import { message, string, uint32 } from '../wire/protobuf.ts';

export const HealthCheckRequest = message({ service: string(1) });
/** 1: serving */
export const HealthCheckResponse = message({ status: uint32(1) });
