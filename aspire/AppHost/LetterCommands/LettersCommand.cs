using System.CommandLine;
using RealTimeMesh.AppHost.Lake;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.AppHost.LetterCommands;

/// <summary>The <c>dead-letters</c> commands: look, mend, send again, in a running mesh.</summary>
internal sealed class LettersCommand(TimeProvider time)
{
    private readonly Option<string?> _url = new("--url") { Description = "Address of dead letters. Default: that of the mesh running over the data folder.", HelpName = "URL", Recursive = true };
    private readonly Option<string?> _data = new("--data") { Description = "The mesh's data folder. Default: .mesh", HelpName = "PATH", Recursive = true };

    public TimeProvider Time => time;

    public Command Build()
    {
        var command = new Command(
            "dead-letters",
            """
            Lists dead letters and their causes, edits them, and sends them again.

            Talks to the mesh that runs over the data folder. MESH_ADMIN_TOKEN is sent where it is set. What changes letters shows first what it
            would do, and does it with --yes. Exit codes: 0; 1 for an error, told on standard error.
            """)
        {
            _url, _data,
        };
        foreach (var part in (IEnumerable<Command>[])[LookCommands.All(this), WorkCommands.All(this)])
        {
            foreach (var subcommand in part)
                command.Subcommands.Add(subcommand);
        }

        return command;
    }

    /// <summary>Makes a command out of what it does with dead letters.</summary>
    public Command Command(string name, string description, IEnumerable<Symbol> symbols, Func<MeshApi, ParseResult, CancellationToken, Task> run) =>
        CommandOf.Work(
            name,
            description,
            symbols,
            async (result, cancellationToken) =>
            {
                using var api = Open(result);
                await run(api, result, cancellationToken);
            });

    private MeshApi Open(ParseResult result)
    {
        var data = Path.GetFullPath(result.GetValue(_data) ?? Path.Combine(Path.GetDirectoryName(HostCommand.FindRunFile())!, ".mesh"));
        var address = result.GetValue(_url) is { } url ? new Uri(url) : MeshApi.FindRunning(data, "dead_letters");
        return address is null
            ? throw new RealTimeMeshException($"dead letters: found no mesh that runs over {data}; expected one; start it, or name an address with --url.")
            : new MeshApi(address, Environment.GetEnvironmentVariable("MESH_ADMIN_TOKEN"), "dead letters", "start it, or name another address with --url");
    }
}
