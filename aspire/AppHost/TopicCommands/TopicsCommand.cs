using System.CommandLine;
using RealTimeMesh.AppHost.Lake;

namespace RealTimeMesh.AppHost.TopicCommands;

/// <summary>The <c>topics</c> commands: administration of a running mesh, or of any broker that component files name.</summary>
internal sealed class TopicsCommand(TimeProvider time)
{
    private readonly Option<string?> _url = new("--url") { Description = "Address of topic administration. Default: that of the mesh running over the data folder.", HelpName = "URL", Recursive = true };
    private readonly Option<string?> _components = new("--components") { Description = "Work without a mesh on the pubsub of these component files: a folder's name under components/, or a path.", HelpName = "NAME|PATH", Recursive = true };
    private readonly Option<string?> _data = new("--data") { Description = "The mesh's data folder. Default: .mesh", HelpName = "PATH", Recursive = true };
    private readonly Option<string?> _registry = new("--registry") { Description = "Schema registry by which Avro is decoded, with --components.", HelpName = "URL", Recursive = true };

    public Command Build()
    {
        var command = new Command(
            "topics",
            """
            Administers topics, groups and positions; searches and replays messages; finds hot partitions; sizes clusters.

            Talks to the mesh that runs over the data folder. With --components, or where none runs, it works on the broker itself.
            MESH_ADMIN_TOKEN is sent where it is set. Exit codes: 0; 1 for an error, told on standard error.
            """)
        {
            _url, _components, _data, _registry,
        };
        foreach (var part in (IEnumerable<Command>[])[ManageCommands.All(this), GroupCommands.All(this), MessageCommands.All(this), BalanceCommands.All(this)])
        {
            foreach (var subcommand in part)
                command.Subcommands.Add(subcommand);
        }

        return command;
    }

    /// <summary>Makes a command out of what it does with the administration.</summary>
    public Command Command(string name, string description, IEnumerable<Symbol> symbols, Func<TopicsConnection, ParseResult, CancellationToken, Task> run) =>
        CommandOf.Work(
            name,
            description,
            symbols,
            async (result, cancellationToken) =>
            {
                await using var connection = await TopicsConnection.OpenAsync(Target(result), time, cancellationToken);
                await run(connection, result, cancellationToken);
            });

    public TimeProvider Time => time;

    private TopicsTarget Target(ParseResult result)
    {
        var root = Path.GetDirectoryName(HostCommand.FindRunFile())!;
        return new TopicsTarget(
            result.GetValue(_url) is { } url ? new Uri(url) : null,
            result.GetValue(_components) is { } components ? HostCommand.ComponentsFolder(root, components) : null,
            Path.Combine(root, "components", "embedded"),
            Path.GetFullPath(result.GetValue(_data) ?? Path.Combine(root, ".mesh")),
            result.GetValue(_registry) is { } registry ? new Uri(registry) : null,
            Environment.GetEnvironmentVariable("MESH_ADMIN_TOKEN"));
    }
}
