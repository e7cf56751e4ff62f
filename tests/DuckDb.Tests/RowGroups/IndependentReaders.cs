using System.Globalization;
using Parquet;
using ParquetSharp;
using Type = System.Type;

namespace RealTimeMesh.DuckDb.Tests.RowGroups;

/// <summary>Reads Parquet files with other libraries than ours: each column of each row group, which fails where a page is not where the footer says.</summary>
internal static class IndependentReaders
{
    /// <summary>Rows and the sum of a whole-number column by Arrow's C++ reader, which decodes all columns.</summary>
    public static (long Rows, long Sum) WithArrow(string path, string column)
    {
        using var file = new ParquetFileReader(path);
        long rows = 0, sum = 0;
        for (var group = 0; group < file.FileMetaData.NumRowGroups; group++)
        {
            using var reader = file.RowGroup(group);
            rows += reader.MetaData.NumRows;
            for (var i = 0; i < file.FileMetaData.NumColumns; i++)
            {
                var isKey = file.FileMetaData.Schema.Column(i).Path.ToDotString() == column;
                using var values = reader.Column(i);
                sum += values.LogicalReader().Apply(new Reader(reader.MetaData.NumRows, isKey));
            }
        }

        return (rows, sum);
    }

    /// <summary>The same by Parquet.Net, which reads only the column.</summary>
    public static async Task<(long Rows, long Sum)> WithParquetNetAsync(string path, string column)
    {
        await using var file = await ParquetReader.CreateAsync(path);
        var field = file.Schema.GetDataFields().Single(item => item.Path.ToString() == column);
        long rows = 0, sum = 0;
        for (var group = 0; group < file.RowGroupCount; group++)
        {
            using var reader = file.OpenRowGroupReader(group);
            var count = (int)reader.RowCount;
            var values = new long[count];
            var definitions = new int[count];
            await reader.ReadRawAsync<long>(field, values, field.MaxDefinitionLevel > 0 ? definitions : null, null, TestContext.Current.CancellationToken);
            rows += count;
            sum += values.Sum();
        }

        return (rows, sum);
    }

    private sealed class Reader(long rows, bool isKey) : ILogicalColumnReaderVisitor<long>
    {
        public long OnLogicalColumnReader<TElement>(LogicalColumnReader<TElement> columnReader)
        {
            var values = columnReader.ReadAll((int)rows);
            return isKey ? values.Sum(value => Convert.ToInt64(value ?? (object)0L, CultureInfo.InvariantCulture)) : 0;
        }
    }
}
