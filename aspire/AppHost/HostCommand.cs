using System.CommandLine;
using System.Globalization;
using RealTimeMesh.AppHost.ContractCommands;
using RealTimeMesh.AppHost.Lake;
using RealTimeMesh.AppHost.LetterCommands;
using RealTimeMesh.AppHost.TopicCommands;

namespace RealTimeMesh.AppHost;

/// <summary>The command line: options, their help, and what they become.</summary>
internal sealed class HostCommand
{
    private readonly Option<string[]> _pipeline = new("--pipeline") { Description = "Pipeline to run, by the name of its folder. Repeat it for several; without it all run.", HelpName = "NAME" };
    private readonly Option<string?> _pipelines = new("--pipelines") { Description = "Folder that holds the pipeline folders. Default: pipelines/ beside the run file.", HelpName = "PATH" };
    private readonly Option<string?> _data = new("--data") { Description = "Folder for everything that is stored: log, state, schemas, lake, warehouse. Delete it to start anew. Default: .mesh", HelpName = "PATH" };
    private readonly Option<string> _components = new("--components") { Description = "Dapr component files: a folder's name under components/, or a path.", HelpName = "NAME|PATH", DefaultValueFactory = _ => "embedded" };
    private readonly Option<string?> _retries = new("--retries") { Description = "Retry policies of apps: a folder of YAML files, or a file. Default: retries/ beside the run file, if it is there.", HelpName = "PATH" };
    private readonly Option<string?> _runFile = new("--run-file") { Description = "The Dapr multi-app run file. Default: dapr.yaml in this folder or one above it.", HelpName = "FILE" };
    private readonly Option<string?> _replay = new("--replay") { Description = "Speed of file and generator sources: N times event time, 'max', or 'off'. Default: the rate in each pipeline.yaml.", HelpName = "N|max|off" };
    private readonly Option<bool> _untilDrained = new("--until-drained") { Description = "End when the sources are read, every event is accounted for and gold is built. Prints the ledger and the tables; exit code 0, or 1 with the reason." };
    private readonly Option<string?> _summary = new("--summary") { Description = "Write the result of a bounded run to FILE as JSON.", HelpName = "FILE" };
    private readonly Option<bool> _noConsole = new("--no-console") { Description = "Do not serve the web console." };
    private readonly Option<bool> _fresh = new("--fresh") { Description = "Start from an empty data folder. Only a folder made by the mesh is emptied." };
    private readonly Option<bool> _freePorts = new("--free-ports") { Description = "Take free ports instead of the documented ones; they are listed in endpoints.json of the data folder." };
    private readonly Option<int> _stall = new("--stall-timeout") { Description = "Seconds without progress after which a bounded run fails.", HelpName = "SECONDS", DefaultValueFactory = _ => 120 };
    private readonly Option<int> _grace = new("--grace") { Description = "Seconds each part may take to stop after Ctrl+C. A second Ctrl+C stops at once.", HelpName = "SECONDS", DefaultValueFactory = _ => 10 };

    public RootCommand Build(Func<HostOptions, CancellationToken, Task<int>> run, TimeProvider time)
    {
        _replay.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string?>();
            if (text is not (null or "max" or "off") && !(double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var factor) && factor > 0))
                result.AddError($"--replay: found '{text}'; expected 'max', 'off' or a number above 0, such as 600.");
        });
        var root = new RootCommand(
            """
            Runs the whole mesh in this process: a Dapr-compatible sidecar for each app, the embedded stand-ins, the services and the console.

            Examples:
              dotnet run --project aspire/AppHost
                  everything, until Ctrl+C
              dotnet run --project aspire/AppHost -- --pipeline flights --replay max --until-drained --fresh --summary out.json
                  one pipeline, as fast as it goes, ends with a balance of every event
              dotnet run --project aspire/AppHost -- ingest data/departures.csv.gz --stream flights.departures
                  one file or folder into one stream, ends with what was accepted and rejected
              dotnet run --project aspire/AppHost -- lake query .mesh/lake/flights/gold/airport_daily --sql "select * from t"
                  rows of a Delta table, in any folder; no mesh needs to run
              dotnet run --project aspire/AppHost -- topics groups
                  consumer groups with their lag, dead ones included
              dotnet run --project aspire/AppHost -- dead-letters groups
                  what could not be used, by cause
              dotnet run --project aspire/AppHost -- contracts check --against git:main
                  whether changed contracts can follow those in use; for CI
            """)
        {
            _pipeline, _pipelines, _data, _components, _retries, _runFile, _replay, _untilDrained, _summary, _noConsole, _fresh, _freePorts, _stall, _grace,
        };
        root.Subcommands.Add(IngestCommand.Build(run));
        root.Subcommands.Add(LakeCommand.Build(time));
        root.Subcommands.Add(new TopicsCommand(time).Build());
        root.Subcommands.Add(new LettersCommand(time).Build());
        root.Subcommands.Add(ContractsCommand.Build(time));
        root.SetAction((result, cancellationToken) => run(Read(result), cancellationToken));
        return root;
    }

    private HostOptions Read(ParseResult result)
    {
        var runFile = result.GetValue(_runFile) is { } named ? Path.GetFullPath(named) : FindRunFile();
        var root = Path.GetDirectoryName(runFile)!;
        var components = result.GetValue(_components)!;
        return new HostOptions
        {
            Pipelines = result.GetValue(_pipeline) ?? [],
            PipelinesPath = Path.GetFullPath(result.GetValue(_pipelines) ?? Path.Combine(root, "pipelines")),
            DataPath = Path.GetFullPath(result.GetValue(_data) ?? Path.Combine(root, ".mesh")),
            ComponentsPath = ComponentsFolder(root, components),
            RetriesPath = Path.GetFullPath(result.GetValue(_retries) ?? Path.Combine(root, "retries")),
            RunFile = runFile,
            Replay = result.GetValue(_replay) ?? "",
            UntilDrained = result.GetValue(_untilDrained),
            SummaryFile = result.GetValue(_summary) is { } file ? Path.GetFullPath(file) : null,
            NoConsole = result.GetValue(_noConsole),
            Fresh = result.GetValue(_fresh),
            FreePorts = result.GetValue(_freePorts),
            StallTimeout = TimeSpan.FromSeconds(result.GetValue(_stall)),
            Grace = TimeSpan.FromSeconds(result.GetValue(_grace)),
        };
    }

    /// <summary>The folder of component files that a name or a path means.</summary>
    internal static string ComponentsFolder(string root, string components)
    {
        var asName = Path.Combine(root, "components", components);
        return Directory.Exists(asName) ? asName : Path.GetFullPath(components);
    }

    internal static string FindRunFile()
    {
        foreach (var start in (string[])[Directory.GetCurrentDirectory(), AppContext.BaseDirectory])
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                var candidate = Path.Combine(folder.FullName, "dapr.yaml");
                if (File.Exists(candidate))
                    return candidate;
            }
        }

        return Path.GetFullPath("dapr.yaml");
    }
}
