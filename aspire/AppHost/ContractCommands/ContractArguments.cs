using System.CommandLine;

namespace RealTimeMesh.AppHost.ContractCommands;

/// <summary>Arguments that several <c>contracts</c> commands take.</summary>
internal static class ContractArguments
{
    public static Argument<string?> Path() => new("PATH")
    {
        Description = "Folder of pipelines, folder of schema files (.avsc, .proto, .json), or one file. Default: pipelines/ in this folder or one above it.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Option<ContractFormat> Format() => new("--format") { Description = "text: for the eye. ndjson: one JSON object a line.", HelpName = "text|ndjson", DefaultValueFactory = _ => ContractFormat.Text };
}

/// <summary>How a command prints.</summary>
internal enum ContractFormat
{
    Text,
    Ndjson,
}
