package main

import (
	"git.example/pulumi-poe/pulumi-poe/sdk/go/poe"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		settings := config.New(ctx, "")

		reasoner, err := poe.NewBot(ctx, "reasoner", &poe.BotArgs{
			Handle:      pulumi.String(settings.Require("handle")),
			Description: pulumi.String("Thinks before it answers."),
			IsPrivate:   pulumi.Bool(true),
			ApiBotSettings: &poe.ApiBotSettingsArgs{
				BaseUrl:     pulumi.String("https://llm.example.com/v1"),
				ApiType:     poe.ApiTypeChatCompletionsApi,
				ModelName:   pulumi.String("acme/reasoner-2"),
				ApiKey:      settings.RequireSecret("endpointKey"),
				ContextSize: pulumi.Int(131072),
				Pricing: &poe.PricingArgs{ // USD per token
					Prompt:     pulumi.String("0.0000004"),
					Completion: pulumi.String("0.0000016"),
				},
				ParamDefinitions: poe.ParamDefinitionArray{
					&poe.ParamDefinitionArgs{
						ParamName:    pulumi.String("style"),
						ParamDest:    poe.ParamDestExtraBody,
						DefaultValue: pulumi.Any("short"),
					},
				},
			},
			ParameterControls: &poe.ParameterControlsArgs{
				ApiVersion: pulumi.String("2"),
				Sections: poe.SectionArray{
					&poe.SectionArgs{
						Name: pulumi.String("Answers"),
						Controls: pulumi.Array{
							&poe.DropDownArgs{
								Control:       pulumi.String("drop_down"),
								Label:         pulumi.String("Style"),
								ParameterName: pulumi.String("style"),
								DefaultValue:  pulumi.String("short"),
								Options: poe.DropDownOptionArray{
									&poe.DropDownOptionArgs{Name: pulumi.String("Short"), Value: pulumi.String("short")},
									&poe.DropDownOptionArgs{Name: pulumi.String("Long"), Value: pulumi.String("long")},
								},
							},
						},
					},
				},
			},
		})
		if err != nil {
			return err
		}

		ctx.Export("bot", reasoner.ID())
		return nil
	})
}
