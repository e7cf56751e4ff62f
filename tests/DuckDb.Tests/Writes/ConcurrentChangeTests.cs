using System.Globalization;
using Apache.Arrow;
using RealTimeMesh.DeltaLake;

namespace RealTimeMesh.DuckDb.Tests.Writes;

/// <summary>Operations that meet each other are worked out again; sources that are read once serve every attempt.</summary>
public sealed class ConcurrentChangeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task Changes_of_one_file_at_the_same_time_all_take_effect(string vectors)
    {
        using var fixture = new WriteFixture();
        await fixture.CreateAsync("SELECT i AS id, 0::BIGINT AS n FROM range(100) r(i)", null, ("delta.enableDeletionVectors", vectors));
        // Writers of their own, as in other processes.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() => fixture.Open().UpdateAsync(
            string.Create(CultureInfo.InvariantCulture, $"id % 4 = {writer}"), new Dictionary<string, string> { ["n"] = "n + 1" }, Cancel))));
        await Task.WhenAll(Enumerable.Range(0, 3).Select(writer => Task.Run(() => fixture.Open()
            .Merge(Batches(writer), "target.id = source.id").WhenMatchedUpdate(new Dictionary<string, string> { ["n"] = "target.n + source.n" }).WhenNotMatchedInsertAll().RunAsync(Cancel))));
        var counts = (await fixture.RowsAsync("n")).GroupBy(row => row).Select(group => $"{group.Key}: {group.Count()}").Order(StringComparer.Ordinal);
        Assert.Equal(["11: 3", "1: 100"], counts);
        Assert.Equal(7, (await fixture.SnapshotAsync()).Version);
    }

    /// <summary>A stream that can be read once only: one row of the table and a new one.</summary>
    private static RowSource Batches(int writer)
    {
        var schema = new Schema.Builder().Field(field => field.Name("id").DataType(Apache.Arrow.Types.Int64Type.Default)).Field(field => field.Name("n").DataType(Apache.Arrow.Types.Int64Type.Default)).Build();
        return RowSource.Arrow(schema, Rows());

        async IAsyncEnumerable<RecordBatch> Rows()
        {
            await Task.Yield();
            yield return new RecordBatch(schema, [new Int64Array.Builder().Append(writer).Build(), new Int64Array.Builder().Append(10).Build()], 1);
            yield return new RecordBatch(schema, [new Int64Array.Builder().Append(1000 + writer).Build(), new Int64Array.Builder().Append(1).Build()], 1);
        }
    }
}
