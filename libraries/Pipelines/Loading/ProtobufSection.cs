using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary><c>protobuf: contracts/departure.proto#Departure</c>: the message that bare Protobuf events of a stream are of.</summary>
internal static class ProtobufSection
{
    private const string Form = "the path of a Protobuf document, with # and a message's name where it has several";

    public static DeclaredMessage? Read(PipelineContext context, YamlElement element, AvroContract contract)
    {
        if (element.Text(Form) is not { } text)
            return null;
        var mark = text.IndexOf('#', StringComparison.Ordinal);
        var (file, message) = mark < 0 ? (text, null) : (text[..mark], text[(mark + 1)..]);
        var path = Path.GetFullPath(Path.Combine(context.Directory, file));
        if (!File.Exists(path))
        {
            element.Fault($"'{file}', which does not exist", Form, $"Create {context.ShownPath(path)}, or correct the path.");
            return null;
        }

        try
        {
            var schema = ProtobufSchema.Load(path);
            if (message is null && schema.Messages.Count > 1)
            {
                element.Fault($"'{text}', a document of {schema.Messages.Count} messages", Form, $"Write {file}#NAME with one of {string.Join(", ", schema.Messages.Take(20))}.");
                return null;
            }

            var name = schema.Find(message);
            return new DeclaredMessage(path, name, schema.Compile(name, contract.Rows));
        }
        catch (ContractException e)
        {
            element.Fault($"'{text}', which does not fit ({e.Message.TrimEnd('.')})", "a message that the stream's contract can be filled from", $"Correct {context.ShownPath(path)} or the contract.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            element.Fault($"a file that cannot be read ({e.Message})", "a readable file", "Check its permissions.");
        }

        return null;
    }
}
