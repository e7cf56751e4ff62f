using System.Globalization;
using System.Text;

namespace RealTimeMesh.Contracts;

/// <summary>Writes a document in the one layout that registries store. With <paramref name="types"/>: in normal form too.</summary>
internal sealed class ProtoWriter(ProtoTypes? types = null, bool extensions = true, int length = 0)
{
    private readonly StringBuilder _text = new(Math.Max(256, length));
    private readonly List<string> _scope = [];
    private int _indent;

    // Nothing was written since the last brace: an empty body stands on its line.
    private bool _opened;

    private bool Normal => types is not null;

    public static string Canonical(ProtoFile file, int length = 0) => new ProtoWriter(null, extensions: true, length).Write(file);

    public static string Normalized(ProtoFile file, ProtoTypes types) => new ProtoWriter(types).Write(file);

    public static string WithoutExtensions(ProtoFile file) => new ProtoWriter(null, extensions: false).Write(file);

    private string Write(ProtoFile file)
    {
        if (file.Edition is not null)
            Line($"edition = \"{file.Edition}\";");
        else if (file.Syntax is not null && (!Normal || file.IsProto3))
            Line($"syntax = \"{file.Syntax}\";");

        if (file.Package is not null)
            Line($"package {file.Package};");

        if (file.Imports.Count + file.PublicImports.Count > 0)
            Line("");

        foreach (var import in Set(file.Imports))
            Line($"import \"{import}\";");

        foreach (var import in Set(file.PublicImports))
            Line($"import public \"{import}\";");

        Section(Options(file.Options), OptionStatement);
        if (Types(file.Types).Any())
            Line("");

        WriteTypes(file.Types);
        Section(extensions ? file.Extends : [], Extend);
        Section(file.Services, Service);
        return _text.ToString();
    }

    private void WriteTypes(IEnumerable<ProtoType> declared)
    {
        // The order of messages has a meaning: clients number them.
        var written = Types(declared).ToArray();
        foreach (var message in written.OfType<ProtoMessage>())
            Message(message);

        foreach (var found in written.OfType<ProtoEnum>())
            Enum(found);
    }

    private static IEnumerable<ProtoType> Types(IEnumerable<ProtoType> declared) => declared.Where(type => type is not ProtoMessage { IsMapEntry: true });

    private void Message(ProtoMessage message)
    {
        _scope.Add(message.Name);
        Open("message ", message.Name);
        MessageBody(message);
        Close();
        _scope.RemoveAt(_scope.Count - 1);
    }

    private void MessageBody(ProtoMessage message)
    {
        if (message.HasReserved)
            Reserved(message.Reserved);
        if (message.HasOptions)
            Section(Options(message.Options), OptionStatement);
        // Documents of megabytes have tens of thousands of messages, and hardly one has groups.
        var hasGroups = message.Fields.Exists(field => field.Group is not null);
        if (message.Fields.Count > 0)
            Section(Fields(hasGroups ? message.Fields.Where(field => field.Group is null) : message.Fields));
        if (message.OneOfs.Count > 0)
            Section(Normal ? message.OneOfs.OrderBy(oneOf => oneOf.Fields.Min(field => field.Number)) : message.OneOfs.AsEnumerable(), OneOf);
        if (hasGroups)
            Section(Fields(message.Fields.Where(field => field.Group is not null)));
        if (extensions)
        {
            if (message.HasExtensions)
                Ranges("extensions", message.Extensions);
            if (message.HasExtends)
                Section(message.Extends, Extend);
        }

        if (!message.HasTypes)
            return;

        var groups = message.AllFields.Concat(message.Extends.SelectMany(extend => extend.Fields)).Select(field => field.Group).OfType<ProtoMessage>().ToHashSet<ProtoType>();
        var nested = message.Types.Where(type => !groups.Contains(type)).ToArray();
        if (Types(nested).Any())
            Line("");

        WriteTypes(nested);
    }

    private void Reserved(List<ProtoReserved> reserved) => Ranges("reserved", reserved);

    private void Ranges(string word, List<ProtoReserved> ranges)
    {
        if (ranges.Count == 0)
            return;

        Line("");
        var lines = Normal
            ? ranges.OrderBy(range => range.Name is null ? range.From : int.MaxValue).ThenBy(range => range.Name, StringComparer.Ordinal).Select(range => new[] { range })
            : ranges.GroupBy(range => range.Line).Select(group => group.ToArray());
        foreach (var line in lines)
            Line($"{word} {string.Join(", ", line.Select(Range))};");
    }

    private static string Range(ProtoReserved range) => range.Name is not null
        ? $"\"{range.Name}\""
        : range.From == range.To
            ? range.From.ToString(CultureInfo.InvariantCulture)
            : $"{range.From} to {(range.To >= ProtoParser.HighestTag ? "max" : range.To.ToString(CultureInfo.InvariantCulture))}";

    private void Enum(ProtoEnum found)
    {
        Open($"enum {found.Name}");
        Reserved(found.Reserved);
        if (found.Reserved.Count == 0 && found.Options.Count + found.Constants.Count > 0)
            Line("");

        foreach (var option in Options(found.Options))
            OptionStatement(option);

        // Negative numbers last: the first value of a proto3 enum has to be 0.
        foreach (var constant in Normal ? found.Constants.OrderBy(constant => (uint)constant.Number).ThenBy(constant => constant.Name, StringComparer.Ordinal) : found.Constants.AsEnumerable())
        {
            Indent().Append(constant.Name).Append(" = ").Append(constant.Number);
            EndStatement(constant.Options);
        }

        Close();
    }

    private void OneOf(ProtoOneOf oneOf)
    {
        Open("oneof ", oneOf.Name);
        if (oneOf.Options.Count > 0)
            Section(Options(oneOf.Options), OptionStatement);
        Section(Fields(oneOf.Fields));
        Close();
    }

    private void Extend(ProtoExtend extend)
    {
        Open($"extend {Resolve(extend.Target)}");
        Section(Fields(extend.Fields));
        Close();
    }

    private void Service(ProtoService service)
    {
        Open($"service {service.Name}");
        Section(Options(service.Options), OptionStatement);
        Section(service.Rpcs, Rpc);
        Close();
    }

    private void Rpc(ProtoRpc rpc)
    {
        var line = $"rpc {rpc.Name} ({(rpc.RequestStreams ? "stream " : "")}{Resolve(rpc.Request)}) returns ({(rpc.ResponseStreams ? "stream " : "")}{Resolve(rpc.Response)})";
        if (rpc.Options.Count == 0)
        {
            Line(line + ";");
            return;
        }

        Line(line + " {");
        _indent++;
        foreach (var option in Options(rpc.Options))
            OptionStatement(option);

        _indent--;
        Line("};");
    }

    private void Field(ProtoField field)
    {
        var label = field.Label switch { null => "", "optional" => "optional ", "repeated" => "repeated ", var other => other + " " };
        if (field.Group is { } group)
        {
            _scope.Add(group.Name);
            Open($"{label}group {group.Name} = {field.Number}");
            MessageBody(group);
            Close();
            _scope.RemoveAt(_scope.Count - 1);
            return;
        }

        // What has a meaning to the language itself stands last, as compilers write it.
        IEnumerable<ProtoOption> options = field.Options.Count < 2 ? field.Options : field.Options.OrderBy(option => option.Name switch { "default" => 1, "json_name" => 2, _ => 0 });
        Indent().Append(label).Append(FieldType(field)).Append(' ').Append(field.Name).Append(" = ").Append(field.Number);
        EndStatement(options);
    }

    private string FieldType(ProtoField field) =>
        !Normal ? field.Type : field.IsMap ? $"map<{field.MapTypes.Key}, {Resolve(field.MapTypes.Value)}>" : Resolve(field.Type);

    private string Resolve(string type) =>
        types is null || ProtoTypes.IsScalar(type) ? type : types.Resolve(type, _scope) is { } full ? "." + full : type;

    /// <summary>Ends a line that has its name and number already.</summary>
    private void EndStatement(IEnumerable<ProtoOption> all)
    {
        ProtoOption[] options = all is IReadOnlyCollection<ProtoOption> { Count: 0 } ? [] : [.. Options(all)];
        if (options.Length == 0)
        {
            _text.Append(";\n");
        }
        else if (options.Length == 1)
        {
            _text.Append(" [").Append(Option(options[0])).Append("];\n");
        }
        else
        {
            _text.Append(" [\n");
            _indent++;
            for (var i = 0; i < options.Length; i++)
                Line(Option(options[i]), i < options.Length - 1 ? "," : "");

            _indent--;
            Line("];");
        }
    }

    private void OptionStatement(ProtoOption option) => Line($"option {Option(option)};");

    private string Option(ProtoOption option) => $"{option.Name} = {ProtoValues.Write(option.Value, Indentation(_indent), Normal)}";

    private IEnumerable<ProtoOption> Options(IEnumerable<ProtoOption> options)
    {
        if (!extensions)
            options = options.Where(option => !option.Name.StartsWith('('));

        return Normal && options is not IReadOnlyCollection<ProtoOption> { Count: < 2 } ? options.OrderBy(option => option.Name, StringComparer.Ordinal) : options;
    }

    private IEnumerable<ProtoField> Fields(IEnumerable<ProtoField> fields) => Normal && fields is not IReadOnlyCollection<ProtoField> { Count: < 2 } ? fields.OrderBy(field => field.Number) : fields;

    private IEnumerable<string> Set(List<string> names) => Normal ? names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal) : names;

    private void Section<T>(IEnumerable<T> items, Action<T> write)
    {
        if (items is IReadOnlyCollection<T> { Count: 0 })
            return;

        var first = true;
        foreach (var item in items)
        {
            if (first)
                Line("");

            first = false;
            write(item);
        }
    }

    // A list of its own: a delegate for each of tens of thousands of messages adds up.
    private void Section(IEnumerable<ProtoField> fields)
    {
        var first = true;
        foreach (var field in fields)
        {
            if (first)
                Line("");

            first = false;
            Field(field);
        }
    }

    private void Open(string start, string name = "")
    {
        _text.Append(' ', 2 * _indent).Append(start).Append(name).Append(" {");
        _indent++;
        _opened = true;
    }

    private void Close()
    {
        _indent--;
        if (_opened)
        {
            _opened = false;
            _text.Append("}\n");
            return;
        }

        Line("}");
    }

    private StringBuilder Indent()
    {
        _opened = false;
        return _text.Append(' ', 2 * _indent);
    }

    private void Line(string line, string end = "")
    {
        _opened = false;
        if (line.Length > 0)
            _text.Append(' ', 2 * _indent).Append(line).Append(end);

        _text.Append('\n');
    }

    private static string Indentation(int depth) => new(' ', 2 * depth);
}
