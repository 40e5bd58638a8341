/**
 * Choose model: from config, flags and keys in the environment to one provider, one model and what is known of it.
 *
 * Owns        the order: flag, config, then the first key that is set. Whatever was chosen for the user is named.
 */
import type { Config } from "../config/config.ts";
import { type ModelInfo, modelInfo } from "../upstream/models.ts";
import { builtInProviders, defaultFor, isAvailable, type Provider, whyUnavailable } from "../upstream/providers.ts";

type Env = Readonly<Record<string, string | undefined>>;

export type Choice =
  | {
      readonly kind: "chosen";
      readonly provider: Provider;
      readonly model: string;
      readonly info: ModelInfo;
      /** A sentence on what was chosen without being asked for, or null. */
      readonly told: string | null;
    }
  | { readonly kind: "refused"; readonly message: string };

/** Pick provider and model; nothing is asked of the network. */
export function chooseModel(config: Config, env: Env): Choice {
  const providers = [...ownProviders(config), ...builtInProviders(config.openai_base_url)];
  const wanted = config.model_provider ?? (config.model === undefined ? undefined : "openai");
  if (wanted === undefined) return fromKeys(env, providers);
  const provider = providers.find(({ id }) => id === wanted);
  if (!provider) {
    const known = providers.map(({ id }) => id).join(", ");
    return refused(
      `There is no model provider "${wanted}"; known are ${known}. Add [model_providers.${wanted}] to config.toml.`,
    );
  }
  if (!isAvailable(provider)) return refused(whyUnavailable(provider));
  if (config.model === undefined)
    return refused(`No model is set for provider "${wanted}": add model = "…" to config.toml, or use --model.`);
  return { kind: "chosen", provider, model: config.model, info: modelInfo(config.model), told: null };
}

function fromKeys(env: Env, providers: readonly Provider[]): Choice {
  const chosen = defaultFor(env);
  switch (chosen.kind) {
    case "chosen": {
      const told = `No model is configured: using ${chosen.model} from ${chosen.provider.name}, since ${chosen.envKey} is set.`;
      // The config may give a built-in provider another address.
      const provider = providers.find(({ id }) => id === chosen.provider.id) ?? chosen.provider;
      return { kind: "chosen", provider, model: chosen.model, info: modelInfo(chosen.model), told };
    }
    case "unavailable":
      return refused(chosen.message);
    case "none":
      return refused(
        "No model is configured: set OPENAI_API_KEY or OPENROUTER_API_KEY, or model and model_provider in config.toml (godwit --help). Without a key, try: godwit rehearse",
      );
    default:
      return chosen satisfies never;
  }
}

const refused = (message: string): Choice => ({ kind: "refused", message });

const ownProviders = (config: Config): Provider[] =>
  Object.entries(config.model_providers).map(
    ([id, provider]): Provider => ({ ...provider, id, name: provider.name ?? id }),
  );
