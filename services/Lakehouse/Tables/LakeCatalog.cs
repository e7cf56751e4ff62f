using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RealTimeMesh.DeltaLake;
using RealTimeMesh.DuckDb;
using RealTimeMesh.Lakehouse.Maintenance;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Lakehouse.Tables;

/// <summary>The tables of the lake: one reader for each folder, so that every log is replayed once.</summary>
internal sealed class LakeCatalog(MeshSettings settings, LakehouseOptions options, MaintenanceOptions maintenance, TimeProvider time, ILogger<LakeCatalog> log)
{
    private readonly DuckDbTableEngine _engine = new(new DuckDbOptions { MemoryLimitMiB = maintenance.MemoryMiB, Threads = 1, SpillPath = Path.Combine(settings.DataPath, "spill", "lakehouse") });

    private readonly ConcurrentDictionary<string, DeltaTable> _tables = new(StringComparer.Ordinal);

    public string Root { get; } = Path.GetFullPath(settings.LakePath);

    /// <summary>The table of a pipeline, such as <c>bronze.departures</c>, whether or not it exists yet.</summary>
    public DeltaTable Table(string pipeline, string name) => _tables.GetOrAdd($"{pipeline}/{name.Replace('.', '/')}", relative => DeltaTable.At(
        Path.Combine(Root, relative),
        new DeltaTableOptions { CheckpointInterval = options.CheckpointCommits, Engine = _engine, OnFault = (what, exception) => log.TableFault(what, exception) },
        time));

    /// <summary>Pipeline and name of every table that exists; of one pipeline where it is given.</summary>
    public IEnumerable<(string Pipeline, string Name)> List(string? pipeline = null)
    {
        if (!Directory.Exists(Root))
            yield break;
        foreach (var folder in Directory.EnumerateDirectories(Root).Order(StringComparer.Ordinal))
        {
            if (pipeline is not null && Path.GetFileName(folder) != pipeline)
                continue;
            foreach (var layer in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
            {
                foreach (var table in Directory.EnumerateDirectories(layer).Order(StringComparer.Ordinal))
                {
                    if (Directory.Exists(Path.Combine(table, "_delta_log")))
                        yield return (Path.GetFileName(folder), $"{Path.GetFileName(layer)}.{Path.GetFileName(table)}");
                }
            }
        }
    }

    /// <summary>A table that exists, by the names a request gave; null where there is none. Names are looked up, never joined to a path.</summary>
    public DeltaTable? Find(string pipeline, string name) =>
        List(pipeline).Any(item => item.Name == name) ? Table(pipeline, name) : null;
}
