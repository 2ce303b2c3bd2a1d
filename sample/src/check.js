// The health check of the container: exit 0 when the API answers.
const port = process.env.PORT ?? 3000;
const healthy = await fetch(`http://127.0.0.1:${port}/healthz`).then(
  (response) => response.ok,
  () => false,
);
process.exit(healthy ? 0 : 1);
