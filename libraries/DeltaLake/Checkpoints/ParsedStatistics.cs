using System.Text;
using System.Text.Json;

namespace RealTimeMesh.DeltaLake;

/// <summary>The JSON text of statistics that a checkpoint holds only as the struct <c>stats_parsed</c>.</summary>
internal sealed class ParsedStatistics
{
    private readonly Node _root = new("");

    private ParsedStatistics()
    {
    }

    /// <summary>Reads the struct; null where the checkpoint has none.</summary>
    public static async Task<ParsedStatistics?> ReadAsync(ParquetColumns columns)
    {
        string[] prefix = ["add", "stats_parsed"];
        ParsedStatistics? result = null;
        foreach (var leaf in columns.Under(prefix))
        {
            result ??= new ParsedStatistics();
            var node = result._root;
            foreach (var name in leaf.Path.Skip(prefix.Length))
                node = node.Child(name);
            try
            {
                node.Values = await ParsedColumn.JsonAsync(columns, leaf);
            }
            catch (Exception exception) when (exception is ArgumentOutOfRangeException or OverflowException)
            {
                // A time beyond the reader's range: the column counts as one without statistics, which skips no file.
                node.Values = null;
            }
        }

        return result;
    }

    /// <summary>The statistics of a row; null where it has none.</summary>
    public string? Json(int row)
    {
        var output = new StringBuilder(256);
        return _root.Write(output, row) ? output.ToString() : null;
    }

    private sealed class Node(string name)
    {
        private readonly List<Node> _children = [];

        public string?[]? Values { get; set; }

        public Node Child(string childName)
        {
            var child = _children.Find(item => item.Name == childName);
            if (child is null)
                _children.Add(child = new Node(childName));
            return child;
        }

        /// <summary>False where nothing is known, and then nothing is written.</summary>
        public bool Write(StringBuilder output, int row)
        {
            if (_children.Count == 0)
            {
                output.Append(Values?[row]);
                return Values?[row] is not null;
            }

            var start = output.Length;
            output.Append('{');
            var any = false;
            foreach (var child in _children)
            {
                var before = output.Length;
                output.Append(any ? "," : "").Append('"').Append(JsonEncodedText.Encode(child.Name)).Append("\":");
                if (child.Write(output, row))
                    any = true;
                else
                    output.Length = before;
            }

            if (any)
                output.Append('}');
            else
                output.Length = start;
            return any;
        }

        private string Name { get; } = name;
    }
}
