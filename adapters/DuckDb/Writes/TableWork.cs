using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Writes;

/// <summary>One operation in a session of its own.</summary>
internal sealed class TableWork : ITableWork
{
    private readonly DuckDbSession _session;
    private readonly DuckDbOptions _options;
    private readonly SourceRows? _source;
    private readonly DataFiles _data;

    private TableWork(DuckDbSession session, DuckDbOptions options, SourceRows? source)
    {
        (_session, _options, _source) = (session, options, source);
        _data = new DataFiles(session, options);
    }

    public StructType SourceSchema => _source?.Schema ?? new StructType([]);

    public static async Task<ITableWork> OpenAsync(DuckDbOptions options, RowSource? source, CancellationToken cancellationToken)
    {
        var session = DuckDbSession.Open(options);
        try
        {
            return new TableWork(session, options, source is null ? null : await SourceRows.OpenAsync(session, source, cancellationToken));
        }
        catch (DuckDbFaultException fault) when (MemoryFault.Of("reading the source", options, fault) is { } named)
        {
            session.Dispose();
            throw named;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public async Task<FileChanges> RunAsync(RowOperation operation, CancellationToken cancellationToken)
    {
        try
        {
            await ForgetAsync(cancellationToken);
            return operation switch
            {
                InsertRows insert => await new InsertRun(_session, _data, insert, _source!).RunAsync(cancellationToken),
                DeleteRows delete => await new ChangeRun(_session, _data, delete, delete.Where, new RowChange(1, null)).RunAsync(cancellationToken),
                UpdateRows update => await new ChangeRun(_session, _data, update, update.Where, new RowChange(1, update.Set)).RunAsync(cancellationToken),
                MergeRows merge => await new MergeRun(_session, _data, merge, _source!).RunAsync(cancellationToken),
                CompactRows compact => await new CompactRun(_session, _data, compact).RunAsync(cancellationToken),
                _ => throw new DuckDbFaultException($"operation {operation.GetType().Name} is unknown; expected one of RowOperation's"),
            };
        }
        catch (DuckDbFaultException fault) when (RowChecks.FaultOf(operation.Target.Table, fault) is { } broken)
        {
            throw broken;
        }
        catch (DuckDbFaultException fault) when (MemoryFault.Of($"table '{operation.Target.Table}'", _options, fault) is { } named)
        {
            throw named;
        }
    }

    public Task DiscardAsync(CancellationToken cancellationToken) => _data.DiscardAsync(cancellationToken);

    public void Keep() => _data.Keep();

    public ValueTask DisposeAsync()
    {
        _session.Dispose();
        _data.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Frees what an earlier attempt has worked with; the source stays.</summary>
    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        foreach (var row in await _session.RowsAsync("SELECT table_name FROM duckdb_tables() WHERE temporary AND table_name LIKE 'mesh\\_%' ESCAPE '\\'", cancellationToken))
        {
            if (_source is null || !_source.Uses((string)row[0]!))
                await _session.ExecuteAsync($"DROP TABLE {SqlText.Identifier((string)row[0]!)}", cancellationToken);
        }
    }
}
