using System.Data;
using System.Runtime.CompilerServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using DuckDB.NET.Data;

namespace RealTimeMesh.DuckDb;

/// <summary>The result of a query as Arrow batches, streamed: what is not read is not computed. One at a time in a session.</summary>
public sealed class ArrowRows : IDisposable
{
    // A batch is one vector of DuckDB, 2,048 rows: some are fetched for each hop between threads.
    private const int MostBatchesAtOnce = 16;

    private readonly DuckDBCommand _command;
    private readonly IArrowArrayStream _stream;

    private ArrowRows(DuckDBCommand command, IArrowArrayStream stream) => (_command, _stream) = (command, stream);

    /// <summary>Columns of the result.</summary>
    public Schema Schema => _stream.Schema;

    /// <summary>The batches; the caller disposes them. Cancelling stops the query.</summary>
    public async IAsyncEnumerable<RecordBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var more = true; more;)
        {
            var batches = await RunAsync(_command, () => Fetch(cancellationToken), cancellationToken);
            more = batches.Count == MostBatchesAtOnce;
            for (var i = 0; i < batches.Count; i++)
                yield return batches[i];
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _command.Dispose();
    }

    internal static async Task<ArrowRows> OpenAsync(DuckDBCommand command, CancellationToken cancellationToken)
    {
        try
        {
            command.UseStreamingMode = true;
            return new ArrowRows(command, await RunAsync(command, command.ExecuteArrowStream, cancellationToken));
        }
        catch
        {
            command.Dispose();
            throw;
        }
    }

    private List<RecordBatch> Fetch(CancellationToken cancellationToken)
    {
        List<RecordBatch> batches = [];
        try
        {
            while (batches.Count < MostBatchesAtOnce)
            {
                // The stream of an in-process engine never waits for anything but its own work.
                var next = _stream.ReadNextRecordBatchAsync(cancellationToken).AsTask().GetAwaiter().GetResult();
                if (next is null)
                    break;
                batches.Add(next);
            }

            return batches;
        }
        catch
        {
            batches.ForEach(batch => batch.Dispose());
            throw;
        }
    }

    private static Task<T> RunAsync<T>(DuckDBCommand command, Func<T> work, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using var registration = cancellationToken.UnsafeRegister(static state => ((IDbCommand)state!).Cancel(), command);
        try
        {
            return work();
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested && exception is not OperationCanceledException)
        {
            throw new OperationCanceledException("the query was cancelled", exception, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new DuckDbFaultException(exception.Message, exception);
        }
    }, cancellationToken);
}
