using Npgsql;
using RealTimeMesh.ChangeCapture;
using RealTimeMesh.Postgres.Catalogs;

namespace RealTimeMesh.Postgres.Feeds;

/// <summary>Looks now and then whether the tables are still published as at the start: the server says nothing when they are not.</summary>
internal sealed class PublicationGuard(NpgsqlDataSource database, ChangeSettings settings, ChangePosition start, TimeProvider time)
{
    /// <summary>Returns the fault, or null once it is cancelled.</summary>
    public async Task<ChangeCaptureException?> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(settings.Heartbeat, time, cancellationToken);
                if (await LookAsync(cancellationToken) is { } fault)
                    return fault;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<ChangeCaptureException?> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            Publications.Compare(settings.Publication, start.Published, await Publications.StateAsync(connection, settings.Publication, start.Tables, cancellationToken), start.Tables);
            return null;
        }
        catch (ChangeCaptureException e)
        {
            return e;
        }
        catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
        {
            // The reader of the log meets and tells the same fault; what changes meanwhile is found at the next start.
            return null;
        }
    }
}
