/** How Compose marks the containers of a project. */
export const PROJECT_LABEL = 'com.docker.compose.project';
export const SERVICE_LABEL = 'com.docker.compose.service';
/** `db:service_healthy:true,cache:service_started:false`. */
export const DEPENDS_LABEL = 'com.docker.compose.depends_on';
