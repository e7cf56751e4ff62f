using System.CommandLine;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.AppHost;

/// <summary><c>ingest</c>: one file or folder into one stream, as a bounded run.</summary>
internal static class IngestCommand
{
    public static Command Build(Func<HostOptions, CancellationToken, Task<int>> run)
    {
        var path = new Argument<string>("PATH") { Description = "A CSV, NDJSON, Parquet or Avro file (CSV and NDJSON also .gz and .zst), or a folder of such files." };
        var stream = new Option<string>("--stream") { Description = "The stream to read into: PIPELINE.STREAM.", HelpName = "PIPELINE.STREAM", Required = true };
        var format = new Option<string?>("--format") { Description = "Format of the files. Default: as each file's extension tells.", HelpName = string.Join('|', FileFormats.All) };
        var skip = new Option<bool>("--skip-faults") { Description = "Go on behind what cannot be read of a file, as one dead letter, instead of failing." };
        var pipelines = new Option<string?>("--pipelines") { Description = "Folder that holds the pipeline folders. Default: pipelines/ beside the run file.", HelpName = "PATH" };
        var data = new Option<string?>("--data") { Description = "Folder for everything that is stored. Default: .mesh", HelpName = "PATH" };
        var components = new Option<string>("--components") { Description = "Dapr component files: a folder's name under components/, or a path.", HelpName = "NAME|PATH", DefaultValueFactory = _ => "embedded" };
        var summary = new Option<string?>("--summary") { Description = "Write the result to FILE as JSON.", HelpName = "FILE" };
        var command = new Command("ingest", "Reads a file or folder into a stream, waits until every event is accounted for, and prints the balance. What an earlier run has read is not read again.")
        {
            path, stream, format, skip, pipelines, data, components, summary,
        };
        command.SetAction((result, cancellationToken) =>
        {
            var topic = result.GetValue(stream)!;
            var runFile = HostCommand.FindRunFile();
            var root = Path.GetDirectoryName(runFile)!;
            var source = new AdHocSource(Path.GetFullPath(result.GetValue(path)!), topic, result.GetValue(format), result.GetValue(skip) ? FileFaultPolicy.Skip : FileFaultPolicy.Stop);
            return run(
                new HostOptions
                {
                    Pipelines = topic.Split('.') is [{ Length: > 0 } pipeline, ..] ? [pipeline] : [],
                    PipelinesPath = Path.GetFullPath(result.GetValue(pipelines) ?? Path.Combine(root, "pipelines")),
                    DataPath = Path.GetFullPath(result.GetValue(data) ?? Path.Combine(root, ".mesh")),
                    ComponentsPath = HostCommand.ComponentsFolder(root, result.GetValue(components)!),
                    RunFile = runFile,
                    Replay = "max",
                    UntilDrained = true,
                    NoConsole = true,
                    FreePorts = true,
                    SummaryFile = result.GetValue(summary) is { } file ? Path.GetFullPath(file) : null,
                    Ingest = source,
                },
                cancellationToken);
        });
        return command;
    }
}
