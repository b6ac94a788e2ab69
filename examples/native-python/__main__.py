import pulumi
import pulumi_poe_native as poe

config = pulumi.Config()

reasoner = poe.Bot(
    "reasoner",
    handle=config.require("handle"),
    description="Thinks before it answers.",
    is_private=True,
    api_bot_settings={
        "base_url": "https://llm.example.com/v1",
        "api_type": poe.ApiType.CHAT_COMPLETIONS_API,
        "model_name": "acme/reasoner-2",
        "api_key": config.require_secret("endpointKey"),
        "context_size": 131072,
        "pricing": {"prompt": "0.0000004", "completion": "0.0000016"},  # USD per token
        "param_definitions": [
            {"param_name": "style", "param_dest": poe.ParamDest.EXTRA_BODY, "default_value": "short"},
        ],
    },
    parameter_controls={
        "api_version": "2",
        "sections": [
            {
                "name": "Answers",
                "controls": [
                    {
                        "control": "drop_down",
                        "label": "Style",
                        "parameter_name": "style",
                        "default_value": "short",
                        "options": [{"name": "Short", "value": "short"}, {"name": "Long", "value": "long"}],
                    }
                ],
            }
        ],
    },
)

pulumi.export("bot", reasoner.id)
