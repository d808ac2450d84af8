// Starts the program an image is for. Passwords come from a file, so that no image, command line or `docker inspect` shows them.
const { BASCULE_ENV_FILE: secrets, MAIN: program } = process.env;
if (secrets) process.loadEnvFile(secrets);
await import(new URL(program, import.meta.url).href);
