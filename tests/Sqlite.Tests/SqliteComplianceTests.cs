using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Components;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Sqlite.Tests;

public sealed class SqliteFileStateTests : SqliteStateTests
{
    protected override (string Name, string Value)[] Settings => [];
}

public sealed class SqliteRollbackJournalStateTests : SqliteStateTests
{
    protected override (string Name, string Value)[] Settings => [("disableWAL", "true")];
}

public sealed class SqliteMemoryStateTests : SqliteStateTests
{
    protected override (string Name, string Value)[] Settings => [("connectionString", ":memory:")];
}

/// <summary>The suite, with time under control.</summary>
public abstract class SqliteStateTests : StateComplianceSuite
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero));
    private readonly Databases _databases = new();

    protected abstract (string Name, string Value)[] Settings { get; }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _databases.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override Task<IStateStore> StartStoreAsync() => _databases.StartAsync(_time, Settings);

    protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }
}
