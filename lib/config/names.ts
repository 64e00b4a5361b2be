const EXTENSIONS = ['.yaml', '.yml', '.toml', '.json'];

/** What a configuration file may be called, the first that is there counts; in the system's folder these alone. */
export const CONFIG_NAMES: readonly string[] = EXTENSIONS.map((extension) => `nvl${extension}`);

export const HIDDEN_NAMES: readonly string[] = ['.nvlrc', '.nvlrc.yaml', '.nvlrc.yml', '.nvlrc.json', '.nvlrc.toml'];
