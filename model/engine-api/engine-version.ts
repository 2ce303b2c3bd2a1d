/** The version of Docker that the engine is one of: clients see it, and images that are made here carry it. */
export const ENGINE_VERSION = '28.5.2';
