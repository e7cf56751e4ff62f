using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.ObjectStores;

/// <summary>Asks a store whether it refuses a second put of one name. One that does not would silently replace other writers' commits.</summary>
internal static class ConditionProbe
{
    public static async Task RequireAsync(ITableStore store, string table, CancellationToken cancellationToken)
    {
        var path = $"{table}/_delta_log/.probe-{Path.GetRandomFileName()}";
        try
        {
            // The first may be answered with false where its answer was lost and it was made again: that is a store that keeps the condition.
            _ = await store.PutIfAbsentAsync(path, "first"u8.ToArray(), cancellationToken);
            if (await store.PutIfAbsentAsync(path, "second"u8.ToArray(), cancellationToken))
                throw new ObjectStoreException(table, "the store ignores the condition of a put (If-None-Match: *): a second put of one name was accepted, so that concurrent writers would replace each other's commits and lose data; expected it to be refused; use a version of the store that supports conditional puts, or another store.");
        }
        finally
        {
            await store.DeleteAsync(path, CancellationToken.None);
        }
    }
}
