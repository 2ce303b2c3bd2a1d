/** What a client sends in `X-Registry-Auth`, for one registry. */
export interface RegistryCredentials {
  readonly username?: string;
  readonly password?: string;
  /** OAuth2 refresh token. */
  readonly identitytoken?: string;
  /** Bearer token, used as it is. */
  readonly registrytoken?: string;
  readonly serveraddress?: string;
}
