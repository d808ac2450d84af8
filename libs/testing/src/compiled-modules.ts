const variable = 'NODE_COMPILE_CACHE';
const folder = process.env[variable];

/** A part of the environment of a process: it loads what node has kept of the modules it loaded before. */
export const compiledModules: Readonly<Record<string, string>> = folder ? { [variable]: folder } : {};
