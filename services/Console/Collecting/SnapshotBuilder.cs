using RealTimeMesh.Console.Backends;
using RealTimeMesh.Console.Formatting;
using RealTimeMesh.Console.Snapshots;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Console.Collecting;

/// <summary>Joins what the pipelines declare with what the services last said. Called by the collector alone.</summary>
internal sealed class SnapshotBuilder(ServiceList list, IReadOnlyList<PipelineDefinition> pipelines, DeadLetterReading deadLetters, ConsoleOptions options, TimeProvider time)
{
    private static readonly string[] s_counting = ["ingestion", "stream-processor", "lakehouse"];

    private readonly DateTimeOffset _started = time.GetUtcNow();
    private readonly RateWindow _rates = new(TimeSpan.FromSeconds(5));
    private readonly History _history = new(ConsoleOptions.HistoryPoints);
    private readonly Dictionary<string, (EventBalance Counts, DateTimeOffset Since)> _still = new(StringComparer.Ordinal);
    private DateTimeOffset _now;

    public MeshSnapshot Build()
    {
        _now = time.GetUtcNow();
        var readings = list.Readings;
        var built = pipelines.Select(pipeline => Pipeline(pipeline, readings)).ToList();
        var rates = new RatesSnapshot(
            built.Sum(item => item.Rates.Acked), built.Sum(item => item.Rates.Applied), built.Sum(item => item.Rates.Stored), built.Sum(item => item.Rates.DeadLettered));
        var latency = readings.Processor?.Latency is { Count: > 0 } measured ? new LatencySnapshot(measured.Count, measured.P50Ms, measured.P99Ms, measured.MaxMs) : null;
        _history.Add(new HistoryPoint(_now, rates.Acked, rates.Applied, rates.Stored, latency?.P50Ms ?? 0, latency?.P99Ms ?? 0));
        return new MeshSnapshot
        {
            At = _now,
            WatchingSince = _started,
            Ledger = LedgerSnapshot.Sum([.. built.Select(item => item.Ledger)]),
            Rates = rates,
            Latency = latency,
            Pipelines = built,
            Apps = [.. list.Services.Select(App)],
            Builds = [.. (readings.Builds?.Builds ?? []).Select(item => new BuildSnapshot(item.Kind, item.Pipeline, item.Table, item.StartedAt, item.DurationMs, item.Changed, item.RowsWritten, item.Rows, item.Version, item.Error))],
            History = _history.Read(),
        };
    }

    private static AppSnapshot App(WatchedService service)
    {
        var health = service.Health;
        return new AppSnapshot(service.Id, service.Role, service.Url, health.State, health.Since, health.LastAnswer, health.ResponseMs, health.Error);
    }

    private PipelineSnapshot Pipeline(PipelineDefinition pipeline, Readings readings)
    {
        var streams = pipeline.Streams.Select(stream => Stream(pipeline, stream, readings)).ToList();
        var tables = Tables(pipeline, readings);
        var lake = list.Services.First(service => service.Id == "lakehouse").Health;
        return new PipelineSnapshot
        {
            Name = pipeline.Name,
            Ledger = LedgerSnapshot.Sum([.. streams.Select(stream => stream.Ledger)]),
            Rates = new RatesSnapshot(
                streams.Sum(item => item.Rates.Acked), streams.Sum(item => item.Rates.Applied), streams.Sum(item => item.Rates.Stored), streams.Sum(item => item.Rates.DeadLettered)),
            Streams = streams,
            Sources = [.. pipeline.Streams.SelectMany(stream => stream.Sources.Select(source => Source(stream, source, readings)))],
            Views = [.. pipeline.Views.Select(view => View(view, readings)), .. pipeline.Flows.Select(view => View(view, readings))],
            Tables = tables,
            Warehouse = [.. pipeline.Warehouse.Select(load => Load(load, readings))],
            DeadLetters = deadLetters.Summarise(pipeline.Name, readings.DeadLetters.GetValueOrDefault(pipeline.Name), streams.Sum(stream => stream.Ledger.DeadLettered), lake.State == "down" ? lake.Error : null),
        };
    }

    private StreamSnapshot Stream(PipelineDefinition pipeline, StreamDefinition stream, Readings readings)
    {
        var door = readings.Ingestion?.Streams.FirstOrDefault(item => item.Pipeline == pipeline.Name && item.Stream == stream.Name);
        var processed = readings.Processor?.Streams.FirstOrDefault(item => item.Pipeline == pipeline.Name && item.Stream == stream.Name);
        var stored = readings.Lake?.Streams.FirstOrDefault(item => item.Pipeline == pipeline.Name && item.Stream == stream.Name);
        var counts = new EventBalance
        {
            Acked = door?.Acked ?? 0,
            Applied = processed?.Applied ?? 0,
            DeadLettered = stored?.DeadLettered ?? 0,
            Late = processed?.Late ?? 0,
            Quarantined = Math.Max(processed?.Quarantined ?? 0, stored?.Quarantined ?? 0),
            Redriven = Math.Max(processed?.Redriven ?? 0, stored?.Redriven ?? 0),
            AppliedAgain = processed?.Redriven ?? 0,
            StoredAgain = stored?.Redriven ?? 0,
            NotApplied = processed?.Quarantined ?? 0,
            NotStored = stored?.Quarantined ?? 0,
            Stored = stored?.Rows ?? 0,
            RepeatsDropped = (processed?.DuplicatesSkipped ?? 0) + (stored?.DuplicatesSkipped ?? 0),
            HasBronze = pipeline.Tables.Any(table => table.Append?.Name == stream.Name),
        };
        var known = door is not null && processed is not null && stored is not null
            && list.Services.Where(service => s_counting.Contains(service.Id)).All(service => service.Health.State is "up" or "degraded");
        var marks = readings.Watermarks?.Streams.FirstOrDefault(item => item.Pipeline == pipeline.Name && item.Stream == stream.Name);
        return new StreamSnapshot(
            stream.Name,
            stream.Topic,
            LedgerSnapshot.Of(counts, known, IsSettled(stream.Topic, counts, known)),
            new RatesSnapshot(Rate($"{stream.Topic}/acked", door?.Acked), Rate($"{stream.Topic}/applied", processed?.Applied), Rate($"{stream.Topic}/stored", stored?.Rows), Rate($"{stream.Topic}/dead", stored?.DeadLettered)),
            door?.Accepted ?? 0,
            door?.Rejected ?? 0,
            [.. (marks?.Partitions ?? []).Select(mark => new WatermarkSnapshot(mark.Partition, mark.Offset, mark.Watermark, mark.Idle, mark.HoldsBack))]);
    }

    /// <summary>True once no counter of the stream has moved for the settling time while all that count were answering.</summary>
    private bool IsSettled(string topic, EventBalance counts, bool known)
    {
        if (!known || !_still.TryGetValue(topic, out var before) || before.Counts != counts)
        {
            _still[topic] = (counts, _now);
            return false;
        }

        return _now - before.Since >= options.Settle;
    }

    private SourceSnapshot Source(StreamDefinition stream, SourceDefinition source, Readings readings)
    {
        var reply = readings.Sources?.Sources.FirstOrDefault(item => item.Pipeline == stream.Pipeline && item.Name == source.Name);
        return new SourceSnapshot(
            source.Name, stream.Name, reply?.Kind ?? source.Format ?? "generator", reply?.Position ?? 0, reply?.Total ?? (source.Events > 0 ? source.Events : null),
            reply?.Done ?? false, reply?.Error, Rate($"{stream.Topic}/source/{source.Name}", reply?.Position));
    }

    private static ViewSnapshot View(ViewDefinition view, Readings readings)
    {
        var reply = readings.Views?.Views.FirstOrDefault(item => item.Pipeline == view.Pipeline && item.View == view.Name);
        return new ViewSnapshot(
            view.Name, [view.From.Name], view.Where?.Text, $"{Show.Window(view.Window)}, tumbling", view.By, Columns(view.Select),
            reply?.Groups ?? 0, reply?.Windows ?? 0, reply?.OldestOpen, reply?.Late ?? 0, reply?.EventsPerS ?? 0, reply is not null);
    }

    private static ViewSnapshot View(FlowDefinition view, Readings readings)
    {
        var reply = readings.Views?.Flows?.FirstOrDefault(item => item.Pipeline == view.Pipeline && item.View == view.Name);
        return new ViewSnapshot(
            view.Name, [.. view.Streams.Select(stream => stream.Name)], view.Where?.Text, Window(view), view.By,
            [.. Columns(view.Aggregates), .. view.Columns.Where(column => !view.By.Contains(column.Name)).Select(column => new ViewColumnSnapshot(column.Name, column.Value.Text))],
            0, reply?.Rows ?? 0, null, reply?.Late ?? 0, 0, reply is not null);
    }

    private static ViewColumnSnapshot[] Columns(IReadOnlyList<AggregateDefinition> aggregates) =>
        [.. aggregates.Select(column => new ViewColumnSnapshot(column.Name, column.Argument?.Text ?? $"{column.Function}(*)"))];

    private static string Window(FlowDefinition view)
    {
        var window = view.Window switch
        {
            null => null,
            { IsGlobal: true } global => $"all, told each {global.Rows}",
            { Rows: > 0 } counted => $"each {counted.Rows} of a key",
            { Gap.Ticks: > 0 } session => $"sessions, gap {Show.Window(session.Gap)}",
            { } other when other.Size == other.Slide => $"{Show.Window(other.Size)}, tumbling",
            { } other => $"{Show.Window(other.Size)} every {Show.Window(other.Slide)}",
        };
        var pairs = view.Join switch
        {
            null => null,
            { Mode: FlowJoinMode.AsOf, Tolerance: { } tolerance } => $"with the latest, {Show.Window(tolerance)} old at most",
            { Mode: FlowJoinMode.AsOf } => "with the latest",
            { Mode: FlowJoinMode.Followed } followed => $"followed within {Show.Window(followed.After)}",
            { Mode: FlowJoinMode.NotFollowed } absent => $"not followed within {Show.Window(absent.After)}",
            { } join => $"pairs from {Show.Window(join.Before)} before to {Show.Window(join.After)} after",
        };
        var first = view.Deduplicate is { } once ? $"once in {Show.Window(once.Within)}" : null;
        var top = view.Top is { } ranked ? $"top {ranked.Count}" : null;
        return string.Join(", ", new[] { first, pairs, window, top }.OfType<string>());
    }

    private List<TableSnapshot> Tables(PipelineDefinition pipeline, Readings readings)
    {
        var found = readings.Tables?.Tables.Where(item => item.Pipeline == pipeline.Name).ToDictionary(item => item.Table, StringComparer.Ordinal) ?? [];
        var tables = pipeline.Tables.Select(table => Table(pipeline, table, found, readings)).ToList();
        foreach (var other in found.Values.Where(item => !pipeline.Tables.Any(table => table.Name == item.Table)))
            tables.Add(new TableSnapshot(other.Table, LayerOf(other.Table), other.Version, other.Rows, other.Files, other.Bytes, other.LastCommit, null, null, [], other.Error, 0, true, false));
        return tables;
    }

    private TableSnapshot Table(PipelineDefinition pipeline, TableDefinition table, Dictionary<string, LakeTable> found, Readings readings)
    {
        var lake = found.GetValueOrDefault(table.Name);
        var job = readings.JobTables?.Tables.FirstOrDefault(item => item.Pipeline == pipeline.Name && item.Table == table.Name);
        var source = job?.SourceVersion is >= 0 and var version ? version : (long?)null;
        var driving = table.Changes is { } changes && found.TryGetValue(changes, out var driver) ? driver.Version : (long?)null;
        return new TableSnapshot(
            table.Name, LayerOf(table.Name), lake?.Version ?? -1, lake?.Rows ?? 0, lake?.Files ?? 0, lake?.Bytes ?? 0, lake?.LastCommit,
            source, source is { } done && driving is { } newest ? Math.Max(0, newest - done) : null,
            table.Append is { } stream ? [$"stream {stream.Name}"] : table.Reads,
            lake?.Error ?? job?.Error,
            Rate($"{pipeline.Name}/table/{table.Name}", lake?.Rows), lake is not null, true);
    }

    private static LoadSnapshot Load(WarehouseLoad load, Readings readings)
    {
        var reply = readings.JobTables?.Loads.FirstOrDefault(item => item.Pipeline == load.Pipeline && item.Table == load.Table);
        var loaded = reply is { Version: >= 0 };
        return new LoadSnapshot(load.Table, load.To, loaded ? reply!.Version : null, loaded ? reply!.Rows : null, reply?.Error);
    }

    private static string LayerOf(string table) => table.Split('.')[0];

    private double Rate(string counter, long? value) => _rates.Observe(counter, value, _now);
}
