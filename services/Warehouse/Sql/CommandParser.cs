namespace RealTimeMesh.Warehouse.Sql;

/// <summary>Recognises the statements this warehouse runs; anything else is refused by name.</summary>
internal static class CommandParser
{
    private const string Known = "SELECT, WITH, INSERT, UPDATE, DELETE, MERGE, COPY INTO, CREATE/DROP SCHEMA, TABLE, VIEW or STAGE, TRUNCATE, ALTER TABLE, SHOW, DESCRIBE, BEGIN, COMMIT, ROLLBACK";

    public static Command Parse(IReadOnlyList<Token> tokens)
    {
        var reader = new TokenReader(tokens);
        var first = reader.Next("a statement");
        switch (first.Kind == TokenKind.Word ? first.Value : first.Is("(") ? "SELECT" : "")
        {
            case "SELECT" or "WITH" or "VALUES":
                return new Command.Query(Dialect.Translate(tokens));
            case "INSERT" or "UPDATE" or "DELETE" or "MERGE":
                return new Command.Change(first.Value, Dialect.Translate(tokens));
            case "COPY":
                return CopyInto(reader);
            case "CREATE":
                return Create(reader);
            case "DROP":
                return Drop(reader, tokens);
            case "TRUNCATE":
                reader.Take("TABLE");
                reader.Take("IF", "EXISTS");
                return new Command.Define($"DELETE FROM {reader.Name("a table").Sql}", "Statement executed successfully.");
            case "ALTER":
                reader.Expect("TABLE");
                return Alter(reader);
            case "SHOW":
                return Show(reader);
            case "DESCRIBE" or "DESC":
                reader.Expect("TABLE");
                return new Command.Query(Catalog.Describe(reader.Name("a table").Sql));
            case "BEGIN" or "START":
                return new Command.Transaction("BEGIN");
            case "COMMIT":
                return new Command.Transaction("COMMIT");
            case "ROLLBACK":
                return new Command.Transaction("ROLLBACK");
            default:
                throw SqlFault.Unsupported($"'{first.Value}'", Known);
        }
    }

    private static Command Create(TokenReader reader)
    {
        var replace = reader.Take("OR", "REPLACE");
        while (reader.Take("TRANSIENT") || reader.Take("TEMPORARY") || reader.Take("TEMP"))
        {
            // A session is one request here, as in the SQL API: such tables live like any other until they are dropped.
        }

        var kind = reader.Next("SCHEMA, TABLE, VIEW or STAGE").Value;
        var exists = reader.Take("IF", "NOT", "EXISTS");
        var name = reader.Name($"the name of the {kind.ToLowerInvariant()}");
        exists |= reader.Take("IF", "NOT", "EXISTS");
        var create = $"CREATE {(replace ? "OR REPLACE " : "")}{kind} {(exists ? "IF NOT EXISTS " : "")}{name.Sql}";
        switch (kind)
        {
            case "SCHEMA":
                return new Command.Define(create, $"Schema {name.Last} successfully created.");
            case "VIEW":
                reader.Expect("AS");
                return new Command.Define($"{create} AS {Dialect.Translate(reader.Rest)}", $"View {name.Last} successfully created.");
            case "TABLE" when reader.Take("LIKE"):
                return new Command.Define($"{create} AS SELECT * FROM {reader.Name("a table").Sql} WHERE false", $"Table {name.Last} successfully created.");
            case "TABLE" when reader.Take("AS"):
                return new Command.Define($"{create} AS {Dialect.Translate(reader.Rest)}", $"Table {name.Last} successfully created.");
            case "TABLE":
                return new Command.Define($"{create} ({Dialect.TranslateColumns(reader.Parenthesis())})", $"Table {name.Last} successfully created.");
            case "STAGE":
                reader.Expect("URL");
                reader.Expect("=");
                return new Command.CreateStage(name.Last, reader.Next("the stage's URL").Value, replace, exists);
            default:
                throw SqlFault.Unsupported($"CREATE {kind}", "CREATE SCHEMA, TABLE, VIEW or STAGE");
        }
    }

    private static Command Drop(TokenReader reader, IReadOnlyList<Token> tokens)
    {
        var kind = reader.Next("SCHEMA, TABLE, VIEW or STAGE").Value;
        reader.Take("IF", "EXISTS");
        var name = reader.Name($"the name of the {kind.ToLowerInvariant()}");
        return kind switch
        {
            "STAGE" => new Command.DropStage(name.Last),
            "SCHEMA" or "TABLE" or "VIEW" => new Command.Define(Dialect.Translate(tokens), $"{name.Last} successfully dropped."),
            _ => throw SqlFault.Unsupported($"DROP {kind}", "DROP SCHEMA, TABLE, VIEW or STAGE"),
        };
    }

    private static Command.Define Alter(TokenReader reader)
    {
        var name = reader.Name("a table");
        reader.Expect("ADD");
        reader.Take("COLUMN");
        var exists = reader.Take("IF", "NOT", "EXISTS") ? "IF NOT EXISTS " : "";
        return new Command.Define($"ALTER TABLE {name.Sql} ADD COLUMN {exists}{Dialect.TranslateColumns(reader.Rest)}", "Statement executed successfully.");
    }

    private static Command.Query Show(TokenReader reader)
    {
        reader.Take("TERSE");
        var kind = reader.Next("TABLES, SCHEMAS or STAGES").Value;
        var like = reader.Take("LIKE") ? reader.Next("a pattern").Value : null;
        var schema = reader.Take("IN") ? ShowSchema(reader) : null;
        return kind switch
        {
            "TABLES" => new Command.Query(Catalog.ShowTables(schema, like)),
            "SCHEMAS" => new Command.Query(Catalog.ShowSchemas(like)),
            "STAGES" => new Command.Query(Catalog.ShowStages(like)),
            _ => throw SqlFault.Unsupported($"SHOW {kind}", "SHOW TABLES, SCHEMAS or STAGES"),
        };
    }

    private static string? ShowSchema(TokenReader reader)
    {
        if (reader.Take("ACCOUNT"))
            return null;
        reader.Take("SCHEMA");
        return reader.Name("a schema").Last;
    }

    private static Command.CopyInto CopyInto(TokenReader reader)
    {
        reader.Expect("INTO");
        var table = reader.Name("a table");
        reader.Expect("FROM");
        var stage = reader.Next("@stage/path");
        var path = stage.Kind switch
        {
            TokenKind.Stage => stage.Value,
            TokenKind.Text when stage.Value.StartsWith('@') => stage.Value[1..],
            _ => throw SqlFault.Unsupported($"COPY INTO … FROM '{stage.Value}'", "an external stage: FROM @stage/path"),
        };
        var files = new List<string>();
        var format = "";
        var match = "NONE";
        while (!reader.AtEnd)
        {
            var option = reader.Next("an option").Value;
            reader.Expect("=");
            switch (option)
            {
                case "FILE_FORMAT":
                    var body = new TokenReader(reader.Parenthesis());
                    body.Expect("TYPE");
                    body.Expect("=");
                    format = body.Next("a format").Value.ToUpperInvariant();
                    break;
                case "FILES":
                    files.AddRange(reader.Parenthesis().Where(token => token.Kind == TokenKind.Text).Select(token => token.Value));
                    break;
                case "MATCH_BY_COLUMN_NAME":
                    match = reader.Next("CASE_INSENSITIVE").Value.ToUpperInvariant();
                    break;
                case "FORCE" or "PURGE" or "ON_ERROR" or "USE_LOGICAL_TYPE" or "USE_VECTORIZED_SCANNER":
                    var value = reader.Next($"the value of {option}").Value.ToUpperInvariant();
                    if ((option == "PURGE" && value == "TRUE") || (option == "ON_ERROR" && value != "ABORT_STATEMENT"))
                        throw SqlFault.Unsupported($"{option} = {value}", option == "PURGE" ? "PURGE = FALSE" : "ON_ERROR = ABORT_STATEMENT");
                    break;
                default:
                    throw SqlFault.Unsupported($"COPY option {option}", "FILE_FORMAT, FILES, MATCH_BY_COLUMN_NAME or FORCE");
            }
        }

        if (format != "PARQUET")
            throw SqlFault.Unsupported($"FILE_FORMAT type '{format}'", "FILE_FORMAT = (TYPE = PARQUET)");
        if (match is not ("CASE_INSENSITIVE" or "CASE_SENSITIVE"))
            throw SqlFault.Unsupported($"MATCH_BY_COLUMN_NAME = {match}", "MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE");
        return new Command.CopyInto(table.Sql, table.Last, path, files);
    }
}
