using System.Text;

namespace RealTimeMesh.Pipelines;

/// <summary>RFC 4180: quoted cells may hold commas, doubled quotes and line breaks. Blank lines are passed over.</summary>
internal static class CsvReader
{
    public static IEnumerable<(string[] Cells, int Line)> Read(TextReader reader, string element, FaultList faults)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var line = 1;
        var start = 1;
        var quoted = false;
        var wasQuoted = false;
        int read;
        while ((read = reader.Read()) >= 0)
        {
            var c = (char)read;
            if (quoted)
            {
                if (c == '\n')
                    line++;
                if (c != '"')
                    cell.Append(c);
                else if (reader.Peek() == '"')
                    cell.Append((char)reader.Read());
                else
                    quoted = false;
            }
            else if (c == '"' && cell.Length == 0 && !wasQuoted)
                quoted = wasQuoted = true;
            else if (c == ',')
            {
                cells.Add(cell.ToString());
                cell.Clear();
                wasQuoted = false;
            }
            else if (c == '\n' || (c == '\r' && reader.Peek() != '\n'))
            {
                if (cells.Count > 0 || cell.Length > 0 || wasQuoted)
                {
                    cells.Add(cell.ToString());
                    yield return ([.. cells], start);
                }

                cells.Clear();
                cell.Clear();
                wasQuoted = false;
                start = ++line;
            }
            else if (c != '\r')
                cell.Append(c);
        }

        if (quoted)
            faults.Add(start, element, "a quote that is never closed", "a closing quote", "Close it, and double the quotes within the cell.");
        else if (cells.Count > 0 || cell.Length > 0 || wasQuoted)
        {
            cells.Add(cell.ToString());
            yield return ([.. cells], start);
        }
    }
}
