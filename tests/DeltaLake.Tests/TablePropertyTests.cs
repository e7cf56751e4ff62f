using System.Text.Json;

namespace RealTimeMesh.DeltaLake.Tests;

/// <summary>Properties, the features they ask for, and what commits owe to them.</summary>
public sealed class TablePropertyTests : IDisposable
{
    private static readonly Dictionary<string, string> s_none = [];

    private readonly TableFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("delta.appendOnlyy", "true", "is not one of Delta's")]
    [InlineData("delta.appendOnly", "yes", "expected true or false")]
    [InlineData("delta.checkpointInterval", "0", "above 0")]
    [InlineData("delta.deletedFileRetentionDuration", "7 moons", "interval 7 days")]
    [InlineData("delta.columnMapping.maxColumnId", "7", "the writer keeps it")]
    [InlineData("delta.isolationLevel", "Chaos", "WriteSerializable")]
    public async Task A_property_that_cannot_be_is_refused_by_name(string name, string value, string expected)
    {
        var table = _fixture.Open();
        var snapshot = await _fixture.CreateAsync(table);
        var fault = Assert.Throws<DeltaException>(() => table.BeginTransaction(snapshot).SetProperties([new(name, value)]));
        Assert.Contains(name, fault.Message, StringComparison.Ordinal);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_users_own_property_is_kept_and_unset()
    {
        var table = _fixture.Open();
        var snapshot = await _fixture.CreateAsync(table);
        await CommitAsync(table, snapshot, transaction => transaction.SetProperties([new("team.owner", "lake")]));
        var with = (await table.GetSnapshotAsync(null, Token))!;
        Assert.Equal("lake", with.Configuration["team.owner"]);
        await CommitAsync(table, with, transaction => transaction.UnsetProperties(["team.owner"]));
        Assert.DoesNotContain("team.owner", (await table.GetSnapshotAsync(null, Token))!.Configuration.Keys);
    }

    [Fact]
    public async Task A_new_table_has_the_lowest_protocol()
    {
        await _fixture.CreateAsync(_fixture.Open());
        var protocol = Action(0, "protocol");
        Assert.Equal("{\"minReaderVersion\":1,\"minWriterVersion\":2}", protocol.GetRawText());
    }

    [Fact]
    public async Task A_feature_raises_the_protocol_and_names_what_the_old_version_stood_for()
    {
        var table = _fixture.Open();
        var snapshot = await _fixture.CreateAsync(table);
        await CommitAsync(table, snapshot, transaction => transaction.SetProperties([new("delta.enableInCommitTimestamps", "true")]));
        Assert.Equal("{\"minReaderVersion\":1,\"minWriterVersion\":7,\"writerFeatures\":[\"appendOnly\",\"inCommitTimestamp\",\"invariants\"]}", Action(1, "protocol").GetRawText());
    }

    [Fact]
    public async Task In_commit_timestamps_rise_although_the_clock_goes_back()
    {
        var table = _fixture.Open();
        var snapshot = await _fixture.CreateAsync(table);
        await CommitAsync(table, snapshot, transaction => transaction.SetProperties([new("delta.enableInCommitTimestamps", "true")]));
        var enabled = Action(1, "commitInfo").GetProperty("inCommitTimestamp").GetInt64();
        var configuration = Action(1, "metaData").GetProperty("configuration");
        Assert.Equal("1", configuration.GetProperty("delta.inCommitTimestampEnablementVersion").GetString());
        Assert.Equal(enabled.ToString(System.Globalization.CultureInfo.InvariantCulture), configuration.GetProperty("delta.inCommitTimestampEnablementTimestamp").GetString());

        // Another writer's clock is an hour behind.
        var behind = DeltaTable.At(_fixture.TablePath, new DeltaTableOptions(), new Microsoft.Extensions.Time.Testing.FakeTimeProvider(_fixture.Time.GetUtcNow().AddHours(-1)));
        for (var i = 0; i < 3; i++)
            await CommitAsync(behind, (await behind.GetSnapshotAsync(null, Token))!, transaction => transaction.Add(Made($"f{i}", 1)));
        var times = Enumerable.Range(1, 4).Select(version => Action(version, "commitInfo").GetProperty("inCommitTimestamp").GetInt64()).ToList();
        Assert.Equal([enabled, enabled + 1, enabled + 2, enabled + 3], times);
        // It is the first action of its commit, as the protocol asks.
        Assert.StartsWith("{\"commitInfo\":{\"inCommitTimestamp\"", File.ReadLines(CommitPath(2)).First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_race_gets_a_later_in_commit_timestamp()
    {
        var table = _fixture.Open();
        await table.BeginTransaction(null).SetMetadata(TableFixture.Schema, [], "test").SetProperties([new("delta.enableInCommitTimestamps", "true")]).CommitAsync("CREATE TABLE", s_none, Token);
        var snapshot = (await table.GetSnapshotAsync(null, Token))!;
        var first = table.BeginTransaction(snapshot).Add(Made("a", 1));
        var second = table.BeginTransaction(snapshot).Add(Made("b", 1));
        await first.CommitAsync("WRITE", s_none, Token);
        await second.CommitAsync("WRITE", s_none, Token);
        Assert.True(Action(2, "commitInfo").GetProperty("inCommitTimestamp").GetInt64() > Action(1, "commitInfo").GetProperty("inCommitTimestamp").GetInt64());
    }

    [Fact]
    public async Task An_append_only_table_refuses_removals_and_allows_rearranging()
    {
        var table = _fixture.Open();
        await table.BeginTransaction(null).SetMetadata(TableFixture.Schema, [], "test").SetProperties([new("delta.appendOnly", "true")]).CommitAsync("CREATE TABLE", s_none, Token);
        await CommitAsync(table, (await table.GetSnapshotAsync(null, Token))!, transaction => transaction.Add(Made("a", 1)));
        var snapshot = (await table.GetSnapshotAsync(null, Token))!;
        Assert.Contains("delta.appendOnly", Assert.Throws<DeltaException>(() => table.BeginTransaction(snapshot).Remove(snapshot.Files[0])).Message, StringComparison.Ordinal);
        await CommitAsync(table, snapshot, transaction => transaction.Remove(snapshot.Files[0], dataChange: false).Add(Made("b", 1) with { DataChange = false }));
    }

    [Fact]
    public void Row_ids_go_on_after_the_mark_and_are_given_out_anew_after_a_lost_race()
    {
        var commit = new LogCommit();
        commit.Adds.Add(Made("a", 10));
        commit.Adds.Add(Made("b", 5));
        var without = RowIds.Without(commit);
        RowIds.Assign("t", commit, without, 99, 7);
        Assert.Equal([100L, 110L], commit.Adds.Select(file => file.BaseRowId));
        Assert.Equal("{\"rowIdHighWaterMark\":114}", Assert.Single(commit.Domains).Configuration);
        RowIds.Assign("t", commit, without, 149, 8);
        Assert.Equal([150L, 160L], commit.Adds.Select(file => file.BaseRowId));
        Assert.Equal([8L, 8L], commit.Adds.Select(file => file.DefaultRowCommitVersion));
        Assert.Equal("{\"rowIdHighWaterMark\":164}", Assert.Single(commit.Domains).Configuration);
    }

    [Fact]
    public void A_legacy_protocol_is_kept_where_its_versions_stand_for_what_is_asked()
    {
        var legacy = new ProtocolAction(1, 4, null, null);
        Assert.Same(legacy, ProtocolUpgrade.For(legacy, new HashSet<string> { "changeDataFeed", "checkConstraints" }));
        var raised = ProtocolUpgrade.For(new ProtocolAction(2, 5, null, null), new HashSet<string> { "deletionVectors" });
        Assert.Equal((3, 7), (raised.MinReaderVersion, raised.MinWriterVersion));
        Assert.Equal(["columnMapping", "deletionVectors"], raised.ReaderFeatures);
        Assert.Equal(["appendOnly", "changeDataFeed", "checkConstraints", "columnMapping", "deletionVectors", "generatedColumns", "invariants"], raised.WriterFeatures);
    }

    [Theory]
    [InlineData("interval 7 days", 7 * 24 * 60)]
    [InlineData("interval 1 week", 7 * 24 * 60)]
    [InlineData("INTERVAL 1 day 12 hours", 36 * 60)]
    [InlineData("30 minutes", 30)]
    public void Intervals_are_read_as_Spark_writes_them(string text, int minutes)
    {
        Assert.True(Intervals.TryParse(text, out var interval));
        Assert.Equal(TimeSpan.FromMinutes(minutes), interval);
    }

    public void Dispose() => _fixture.Dispose();

    private static AddFile Made(string name, long rows) => new($"{name}.parquet", new Dictionary<string, string?>(), 100, 1, true, rows, $"{{\"numRecords\":{rows}}}");

    private static async Task CommitAsync(DeltaTable table, Snapshot snapshot, Action<DeltaTransaction> act)
    {
        var transaction = table.BeginTransaction(snapshot);
        act(transaction);
        Assert.IsType<CommitResult.Committed>(await transaction.CommitAsync("TEST", s_none, Token));
    }

    private string CommitPath(long version) => Path.Combine(_fixture.TablePath, "_delta_log", $"{version:D20}.json");

    private JsonElement Action(long version, string name)
    {
        foreach (var line in File.ReadLines(CommitPath(version)))
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.TryGetProperty(name, out var action))
                return action.Clone();
        }

        throw new InvalidOperationException($"commit {version} has no {name}");
    }
}
