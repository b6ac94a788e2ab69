import * as pulumi from "@pulumi/pulumi";
import * as poe from "pulumi-poe-native";

const config = new pulumi.Config();

const reasoner = new poe.Bot("reasoner", {
    handle: config.require("handle"),
    description: "Thinks before it answers.",
    isPrivate: true,
    apiBotSettings: {
        baseUrl: "https://llm.example.com/v1",
        apiType: "chat_completions_api",
        modelName: "acme/reasoner-2",
        apiKey: config.requireSecret("endpointKey"),
        contextSize: 131072,
        pricing: { prompt: "0.0000004", completion: "0.0000016" }, // USD per token
        paramDefinitions: [{ paramName: "style", paramDest: "extra_body", defaultValue: "short" }],
    },
    parameterControls: {
        apiVersion: "2",
        sections: [{
            name: "Answers",
            controls: [{
                control: "drop_down",
                label: "Style",
                parameterName: "style",
                defaultValue: "short",
                options: [
                    { name: "Short", value: "short" },
                    { name: "Long", value: "long" },
                ],
            }],
        }],
    },
});

export const bot = reasoner.id;
