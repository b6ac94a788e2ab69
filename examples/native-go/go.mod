module native-go

go 1.25.11

require (
	git.example/pulumi-poe/pulumi-poe/sdk/go v0.0.0
	github.com/pulumi/pulumi/sdk/v3 v3.259.0
)

replace git.example/pulumi-poe/pulumi-poe/sdk/go => ../../sdk/go
