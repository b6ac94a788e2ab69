"""What a program in TypeScript or Go may rely on: no needless replacement, no key in the state, mistakes by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from canaries import ENDPOINT_KEY, assert_no_key_was_seen
from languages import DESCRIPTION, GO, TYPESCRIPT, Language, Project, steps
from stacks import OTHER_POE_KEY, POE_KEY, Run

from pulumi_poe.emulator import Emulator
from tools import home

BOTH = pytest.mark.parametrize("language", [TYPESCRIPT, GO], ids=str)

TYPESCRIPT_HEAD = """
import * as pulumi from "@pulumi/pulumi";
import * as poe from "pulumi-poe-native";
"""
GO_HEAD = f"""package main

import (
	"{home.go_path(home.project())}/sdk/go/poe"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {{
	pulumi.Run(func(ctx *pulumi.Context) error {{
"""
GO_FOOT = """
	})
}
"""


def program(language: Language, text: str, imported: str = "") -> str:
    """A whole program, of what it does.

    :param imported: what one in Go imports, too.
    """
    if language is TYPESCRIPT:
        return TYPESCRIPT_HEAD + text
    return GO_HEAD.replace("import (", f"import (\n\t{imported}") + text + GO_FOOT


def sent(poe: Emulator) -> list[str]:
    return [one.method for one in poe.requests if one.method != "GET"]


@BOTH
def test_another_spelling_of_the_handle_beside_a_change_is_an_update(
    new_project: Callable[[Language], Project], poe: Emulator, language: Language
) -> None:
    project = new_project(language)
    project.stack.up().succeeded()
    urn = project.bot()["urn"]

    project.stack.config("handle", "acme_reasoner")
    project.replace(DESCRIPTION, "Thinks again.")
    assert steps(project.stack.preview("--diff").succeeded()) == "~ 1 to update 1 unchanged"
    project.stack.up().succeeded()

    assert sent(poe) == ["POST", "PATCH"]
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Reasoner"]
    assert (project.bot()["urn"], project.bot()["id"]) == (urn, "Acme-Reasoner")


WITHOUT_SETTINGS = {
    TYPESCRIPT: """
const account = new poe.Provider("account", {});
new poe.Bot("one", { handle: "Acme-One" }, { provider: account });
""",
    GO: """
		account, err := poe.NewProvider(ctx, "account", &poe.ProviderArgs{})
		if err != nil {
			return err
		}
		_, err = poe.NewBot(ctx, "one", &poe.BotArgs{Handle: pulumi.String("Acme-One")}, pulumi.Provider(account))
		return err
""",
}


@BOTH
def test_a_provider_without_settings_takes_the_key_of_the_environment_and_leaves_it_there(
    new_project: Callable[[Language], Project], poe: Emulator, language: Language
) -> None:
    project = new_project(language).write(program(language, WITHOUT_SETTINGS[language]))
    project.stack.up().succeeded()
    (provider,) = project.resources("pulumi:providers:poe")
    assert not set(provider["inputs"]) & {"apiKey", "apiUrl"}, provider["inputs"]
    assert [bot["handle"] for bot in poe.bots(POE_KEY)] == ["Acme-One"]
    project.stack.destroy().succeeded()
    assert_no_key_was_seen(project.stack)


WITH_KEYS = {
    TYPESCRIPT: """
const account = new poe.Provider("account", { apiKey: process.env.OF_THE_ACCOUNT, apiUrl: process.env.POE_API_URL });
new poe.Bot("one", {
    handle: "Acme-One",
    apiBotSettings: {
        baseUrl: "https://llm.example.com/v1",
        modelName: "m",
        apiKey: process.env.OF_THE_ENDPOINT,
    },
}, { provider: account });
""",
    GO: """
		account, err := poe.NewProvider(ctx, "account", &poe.ProviderArgs{
			ApiKey: pulumi.String(os.Getenv("OF_THE_ACCOUNT")),
			ApiUrl: pulumi.String(os.Getenv("POE_API_URL")),
		})
		if err != nil {
			return err
		}
		_, err = poe.NewBot(ctx, "one", &poe.BotArgs{
			Handle: pulumi.String("Acme-One"),
			ApiBotSettings: &poe.ApiBotSettingsArgs{
				BaseUrl:   pulumi.String("https://llm.example.com/v1"),
				ModelName: pulumi.String("m"),
				ApiKey:    pulumi.String(os.Getenv("OF_THE_ENDPOINT")),
			},
		}, pulumi.Provider(account))
		return err
""",
}


@BOTH
def test_keys_that_a_program_has_in_clear_are_encrypted_in_the_state(
    new_project: Callable[[Language], Project], poe: Emulator, language: Language
) -> None:
    project = new_project(language)
    project.write(program(language, WITH_KEYS[language], '"os"'))
    project.stack.environment |= {"OF_THE_ACCOUNT": OTHER_POE_KEY, "OF_THE_ENDPOINT": ENDPOINT_KEY}
    project.stack.preview("--diff").succeeded()
    project.stack.up().succeeded()
    (on_poe,) = poe.bots(OTHER_POE_KEY)
    assert on_poe["api_bot_settings"]["api_key"] == ENDPOINT_KEY
    (provider,) = project.resources("pulumi:providers:poe")
    for state in ("inputs", "outputs"):
        assert "ciphertext" in provider[state]["apiKey"]
        assert "ciphertext" in project.bot()[state]["apiBotSettings"]["apiKey"]
    project.stack.refresh().succeeded()
    project.stack.destroy().succeeded()
    assert_no_key_was_seen(project.stack)


IMPORTED = {
    TYPESCRIPT: """
new poe.Bot("taken", {
    handle: "Acme-One",
    description: "made by hand",
    isPrivate: true,
    apiBotSettings: {
        baseUrl: "https://llm.example.com/v1",
        modelName: "m",
        apiKey: new pulumi.Config().requireSecret("endpointKey"),
    },
}, { import: "Acme-One" });
""",
    GO: """
		_, err := poe.NewBot(ctx, "taken", &poe.BotArgs{
			Handle:      pulumi.String("Acme-One"),
			Description: pulumi.String("made by hand"),
			IsPrivate:   pulumi.Bool(true),
			ApiBotSettings: &poe.ApiBotSettingsArgs{
				BaseUrl:   pulumi.String("https://llm.example.com/v1"),
				ModelName: pulumi.String("m"),
				ApiKey:    config.New(ctx, "").RequireSecret("endpointKey"),
			},
		}, pulumi.Import(pulumi.ID("Acme-One")))
		return err
""",
}


@BOTH
def test_the_option_import_takes_a_bot_over_and_sends_only_the_key_that_poe_does_not_show(
    new_project: Callable[[Language], Project], poe: Emulator, language: Language
) -> None:
    settings = {"base_url": "https://llm.example.com/v1", "model_name": "m"}
    poe.seed(POE_KEY, {"handle": "Acme-One", "description": "made by hand", "api_bot_settings": settings})
    project = new_project(language)
    project.write(program(language, IMPORTED[language], '"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"'))
    project.stack.up().succeeded()
    assert project.bot()["id"] == "Acme-One"
    assert [one.body for one in poe.requests if one.method != "GET"] == [
        {"api_bot_settings": {"api_key": ENDPOINT_KEY}}
    ]
    project.stack.up("--expect-no-changes", "--skip-preview").succeeded()


FUNCTIONS = {
    TYPESCRIPT: """
export const url = poe.getBotOutput({ handle: "acme_one" }).url;
export const handles = poe.getBotsOutput({ private: false }).handles;
""",
    GO: """
		found := poe.LookupBotOutput(ctx, poe.LookupBotOutputArgs{Handle: pulumi.String("acme_one")})
		ctx.Export("url", found.Url())
		ctx.Export("handles", poe.GetBotsOutput(ctx, poe.GetBotsOutputArgs{Private: pulumi.Bool(false)}).Handles())
		return nil
""",
}


@BOTH
def test_functions_look_at_the_account(
    new_project: Callable[[Language], Project], poe: Emulator, language: Language
) -> None:
    poe.seed(POE_KEY, {"handle": "Acme-One", "is_private": False, "api_bot_settings": {}})
    poe.seed(POE_KEY, {"handle": "Acme-Two", "is_private": True, "api_bot_settings": {}})
    project = new_project(language).write(program(language, FUNCTIONS[language]))
    project.stack.up().succeeded()
    assert project.stack.outputs() == {"url": "https://poe.com/Acme-One", "handles": ["Acme-One"]}


LOOKED_AT = {
    TYPESCRIPT: """
export const description = poe.Bot.get("theirs", "acme_one").description;
""",
    GO: """
		theirs, err := poe.GetBot(ctx, "theirs", pulumi.ID("acme_one"), nil)
		if err != nil {
			return err
		}
		ctx.Export("description", theirs.Description)
		return nil
""",
}


@BOTH
def test_a_bot_that_a_program_only_looks_at_is_not_written_and_not_deleted(
    new_project: Callable[[Language], Project], poe: Emulator, language: Language
) -> None:
    poe.seed(POE_KEY, {"handle": "Acme-One", "description": "by hand", "api_bot_settings": {}})
    project = new_project(language).write(program(language, LOOKED_AT[language]))
    project.stack.up().succeeded()
    assert project.stack.outputs() == {"description": "by hand"}
    project.stack.destroy().succeeded()
    assert sent(poe) == []
    assert len(poe.bots()) == 1


# --- mistakes in TypeScript -----------------------------------------------------------------------------


def refused(project: Project, *, text: str) -> Run:
    """The preview of a bot that the core refuses."""
    return project.write(program(TYPESCRIPT, f'new poe.Bot("one", {text});')).stack.preview().failed()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{ handle: "Acme-One", apiBotSettings: { baseUrl: "https://llm.example.com/v1", modelName: "m",'
            ' pricing: { prompt: "cheap" } } }',
            "apiBotSettings.pricing.prompt: ",
        ),
        (
            '{ handle: "Acme-One", apiBotSettings: { baseUrl: "https://llm.example.com/v1", modelNam: "m" } as any }',
            "apiBotSettings.modelNam: there is no such property; did you mean 'modelName'?",
        ),
        (
            '{ handle: "Acme-One", parameterControls: { sections: [{ controls: [{ control: "divider" },'
            ' { control: "drop_down", label: "Style", parameterNam: "style", options: [] }] }] } as any }',
            "parameterControls.sections[0].controls[1].parameterNam: there is no such property;"
            " did you mean 'parameterName'?",
        ),
    ],
    ids=["a price", "a setting", "a control"],
)
def test_a_mistake_is_named_by_its_path_as_the_program_spells_it(
    new_project: Callable[[Language], Project], poe: Emulator, text: str, message: str
) -> None:
    run = refused(new_project(TYPESCRIPT), text=text)
    assert message in run.output, str(run)
    assert sent(poe) == []


def test_a_setting_in_a_message_has_the_name_that_the_program_gives_it(
    new_project: Callable[[Language], Project],
) -> None:
    account = 'new poe.Provider("account", { apiKey: process.env.POE_API_KEY })'
    text = f'new poe.Bot("one", {{ handle: "Acme-One" }}, {{ provider: {account} }});'
    run = new_project(TYPESCRIPT).write(program(TYPESCRIPT, text)).stack.preview().failed()
    assert "Give it the apiUrl of its account" in run.output, str(run)
